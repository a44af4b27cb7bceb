"""Disputes of workers: "someone registered my ID", "I did not take part"; and what waited for an answer beyond its day.

Knows people, study, claims and notices; decisions are ``reviews``'. Imported by reviews, payments, registers and the doors.
"""
