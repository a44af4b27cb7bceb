"""Learning sessions: check-in, beats, presence checks, close, appeals.

How time is counted is written once, as pure functions: ``rules`` (numbers, reasons, shapes), ``coverage`` (interval
arithmetic), ``chain`` (the hash chain of beats), ``presence`` (presence checks) and ``counting`` (``judge_batch``).
``services`` loads and stores; other floors call ``services`` and use the types of ``rules`` and ``views``, nothing else.
"""
