"""The reviewer's decisions (clause 三): plans, claims by two persons, account moves and appeals. Decisions are append-only.

A reviewer decides about what was learned and never changes it: nothing here can write learning data. Imported by registers and
the doors.
"""
