"""``python -m demonstration --port 8000 --data var/demonstration``: set up and serve the demonstration on this machine.

Starts the WeChat simulator, makes the courses' media once, migrates the database, creates the small cast, and serves the
whole house with gunicorn (one process, so that SQLite has one writer and the calendar one owner). When it is ready it prints
one JSON line with the addresses and sign-ins; with ``--story`` it lets the driver play a small story into an empty database.
"""

from __future__ import annotations

from demonstration.serve import main

if __name__ == "__main__":
    main()
