"""Enterprises, their agents and their rosters: who may be trained, and on whose behalf a claim is made.

Imported by later slices through ``services`` and the types of ``rules``; it knows the people and nothing of plans or claims.
"""
