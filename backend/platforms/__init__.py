"""Learning platforms beside ours: the directory that the bureau publishes in batches (参考目录, 一(二)), and what they state.

Knows people and audit. Imported by plans, imports and the doors.
"""
