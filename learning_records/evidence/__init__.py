"""Evidence: sealed records and the log entries that commit to them.

A record is canonical JSON (RFC 8785) of what happened, pseudonymous; it stays in the database together with its salt. Its
entry is public by design and holds only a salted commitment, so that erasing a body leaves the log valid. The leaf hash of
an entry is that of RFC 6962 and C2SP tlog-tiles: SHA-256(0x00 || entry).
"""
