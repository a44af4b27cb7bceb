"""Lists of other offices: who is insured, draws a pension, studies, is paid by the state or got another subsidy; who may send
out workers, who is dishonest. Imported as workbooks with a day and an office, and asked by rosters, claims and new hires.

An ID number leaves only its keyed digest and a mask here. What a hit does (refuse or flag) is the policy's.
"""
