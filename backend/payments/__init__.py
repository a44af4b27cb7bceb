"""Paying claims and advances for new hires (clauses 二(一), 三 and 四.1): monthly batches by two persons, the bank's two files,
the fund with its budget, and money asked back (四.5).

Owns the fund entries. Settling a person's seconds and writing the fund entry are one transaction. Imported by registers and the
doors.
"""
