"""Reminders: what happened becomes messages to workers, what falls due becomes messages and an enterprise's countdown.

The top slice: it reads across all others in its ``report`` modules and writes only messages. Nothing imports it but doors.
"""
