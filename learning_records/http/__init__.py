"""The records' own door: the evidence log for platforms and auditors, as C2SP tlog-tiles, under ``/log/``.

Public and read-only: what it gives out holds salted commitments and no personal data. ``app.py`` registers ``blueprints``
in the whole house and in the records floor alone.
"""

from learning_records.http.log import blueprint as _log
from wire.api import JsonBlueprint

__all__ = ["blueprints"]

blueprints: list[JsonBlueprint] = [_log]
