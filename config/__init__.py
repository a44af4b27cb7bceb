"""The ground: settings, database, clock, crypto, errors, logs and the policy files.

Imports nothing of ours; every floor above may import it. Only ``app.py`` reads the settings and hands values down.
"""
