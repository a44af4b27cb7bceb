"""A worker's phone in a browser window, for trying the main job by hand in the demonstration.

It speaks the phone's API like any other client and knows nothing else; a login code is what the WeChat simulator accepts.
"""

from __future__ import annotations

from flask import Blueprint, Response, send_from_directory

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# title, sentence, address and icon of its card on the start page
CARD = (
    "劳动者",
    "在窗口里试用手机：实名、签到、看课、在线确认、考试、学分银行",
    "/demonstration/phone",
    "device-mobile",
)

blueprint = Blueprint("demonstration_phone", __name__, url_prefix="/demonstration/phone", static_folder="static")


@blueprint.get("", strict_slashes=False)
def phone() -> Response:
    """The page; its script does the rest."""
    assert blueprint.static_folder is not None
    page = send_from_directory(blueprint.static_folder, "phone.html")
    page.headers["Content-Security-Policy"] = _CSP
    return page
