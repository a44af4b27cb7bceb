"""The records: what was learned, provably. Beats in, counted seconds and sealed evidence out.

This floor knows no plan, no claim and no yuan, and no name: a person is a ``person_ref``. Only the doors, the desk
(``backend``) and ``app.py`` may import it; it imports ``config`` alone. Inside it: ``http`` above ``sessions``, ``evidence``
and ``statements``, which do not know each other.
"""
