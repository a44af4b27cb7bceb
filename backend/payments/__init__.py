"""Paying approved claims (clauses 三 and 四.1): batches by two persons, one order a claim, one fund entry a person.

Owns the fund entries. Settling a person's seconds and writing the fund entry are one transaction. Imported by registers and the
doors.
"""
