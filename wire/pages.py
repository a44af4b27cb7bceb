"""The API page at ``/api-docs``: Swagger UI 5.35, vendored, asking nothing of the outside."""

from __future__ import annotations

from flask import Blueprint, Response

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>无锡创课 · 接口说明</title>
  <link rel="stylesheet" href="/api-docs/static/swagger-ui.css">
</head>
<body>
  <div id="api"></div>
  <noscript>接口说明需要 JavaScript；原始文件在 <a href="/openapi.json">/openapi.json</a>。</noscript>
  <script src="/api-docs/static/swagger-ui-bundle.js"></script>
  <script src="/api-docs/static/open.js"></script>
</body>
</html>
"""

blueprint = Blueprint("api_page", __name__, url_prefix="/api-docs", static_folder="static")


@blueprint.get("", strict_slashes=False)
def api_page() -> Response:
    """The page itself; its script reads ``/openapi.json``."""
    return Response(_PAGE, mimetype="text/html", headers={"Content-Security-Policy": _CSP})
