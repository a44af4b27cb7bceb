"""A process that sequences the log until it is killed: ``python -m tests.learning_records.log.sequencing_process URL FOLDER``.

It says each time how many entries it took, and between integrating and signing it says ``between``.
"""

from __future__ import annotations

import sys

from app import create_records_app
from config.database import transaction
from config.settings import load
from learning_records.evidence import log


def main() -> None:
    """Work until killed."""
    url, folder = sys.argv[1:]
    application = create_records_app(load({}, database_url=url, data_dir=folder, log_level="WARNING"))
    with application.app_context():
        while True:
            taken = transaction(lambda: log.integrate(limit=37))
            print("between", flush=True)
            transaction(log.sign)
            print(taken, flush=True)


if __name__ == "__main__":
    main()
