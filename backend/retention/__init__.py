"""Retention: what the desk keeps for how long. Which evidence is due and who destroys it (two persons, with a certificate),
legal holds in the words of the desk, personal fields whose shorter time is over. It looks across the slices before it, reads
them in ``reports`` and moves nothing of theirs but through their services; nothing imports it but doors.
"""
