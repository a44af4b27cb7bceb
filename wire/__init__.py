"""What every JSON door shares: problem documents, strict schemas, paging, request ids, limits, the API page.

Imported by the doors and ``app.py``; imports Flask and ``config`` only. It knows no rule and no slice.
"""
