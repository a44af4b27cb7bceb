"""The credit bank (学分银行, clause 二(三)): double entry in seconds over the evidence of learning.

Claimable and learned seconds are kept apart: a claim draws claimable seconds once and never touches what was learned.
Knows people and evidence records; knows no class, no claim and no yuan. Later slices and the doors use its ``services``.
"""
