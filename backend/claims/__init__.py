"""Subsidy claims (补贴申领, clauses 二(二) and 三): what each person of an approved plan is worth, held in the credit bank.

Knows plans, study, policies and the credit bank; knows no reviewer's screen and no bank order. Imported by reviews, payments,
registers and the doors.
"""
