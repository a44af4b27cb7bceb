"""Several people who press at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from flask import Flask

from config.database import db, transaction


def at_once(app: Flask, works: Sequence[Callable[[], object]]) -> list[Exception]:
    """Run every work in a thread and a transaction of its own, all started together; what they raised."""
    errors: list[Exception] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                transaction(work)
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return errors
