"""Messages: an outbox of what workers should be told, and the tokens of the channel that carries it.

The desk only writes rows; the phone's door, which knows WeChat, sends them.
"""
