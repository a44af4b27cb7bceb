"""The demonstration: drives the house over HTTP, as its visitors do, and checks every figure it gives.

Nothing of the house is imported here. What should come out is worked out in `counting` and `notice` from the log of
what the phones did; `python -m demo --help` says how to run it.
"""
