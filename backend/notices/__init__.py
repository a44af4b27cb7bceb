"""Public notices (公示, clause 三) and the objections against them: what is shown to everybody before money is paid.

A notice knows claims and their lines by reference only; what a posting, an objection or a closing does to a claim is
``reviews``' to say. Imported by disputes, reviews, payments, registers and the doors.
"""
