"""People: workers and their WeChat accounts, tokens, staff accounts and API keys.

The first slice of the desk: it knows no enterprise, and every other slice may call its services.
"""
