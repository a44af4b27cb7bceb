"""The blueprint of the public pages. Forms are checked by CSRF; nothing here knows who is asking."""

from __future__ import annotations

from console import access

blueprint = access.open_blueprint("public", __name__, prefix="/public")
