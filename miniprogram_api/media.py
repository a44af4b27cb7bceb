"""Media files of lessons. A `<video>` cannot send a bearer token, so its address carries a ticket that ends by itself."""

import hmac

from flask import Response, request, send_file

from backend.courses import services as courses
from config import clock, crypto
from config.errors import NotFound
from miniprogram_api.guard import PREFIX, OpenBlueprint
from wire.problems import Unauthenticated

media = OpenBlueprint("media", "课程媒体")

TICKET_STEP_SECONDS = 6 * 3600  # the address stays the same for hours, so that phones keep the file they have
MIME_TYPES = {
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}


def media_url(sha256: str | None) -> str | None:
    """The path, with a ticket for 6 to 12 hours, under which the file is given out."""
    if sha256 is None:
        return None
    expires = (int(clock.real_now().timestamp()) // TICKET_STEP_SECONDS + 2) * TICKET_STEP_SECONDS
    return f"{PREFIX}/media/{sha256}?expires={expires}&ticket={_ticket(sha256, expires)}"


@media.get("/media/<string(length=64):sha256>")
@media.doc(
    parameters=[
        {"in": "query", "name": name, "required": True, "schema": {"type": "string", "maxLength": 64}}
        for name in ("expires", "ticket")
    ]
)
@media.response(200, {"type": "string", "format": "binary"}, content_type="video/mp4", description="媒体文件，可分段取")
def get_media(sha256: str) -> Response:
    """课程媒体文件；地址取自课程内容，带有时效"""
    expires, ticket = request.args.get("expires", ""), request.args.get("ticket", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12 and ticket.isascii()):
        raise _ended()
    at = clock.real_now().timestamp()
    if not hmac.compare_digest(ticket, _ticket(sha256, int(expires))) or at > int(expires):
        raise _ended()
    path = courses.media_path(sha256)
    if not path.is_file():
        raise NotFound("MEDIA_NOT_FOUND", "没有找到这个媒体文件，请刷新课程后再试。")
    return send_file(path, mimetype=MIME_TYPES[path.suffix], conditional=True, etag=sha256, max_age=TICKET_STEP_SECONDS)


def _ticket(sha256: str, expires: int) -> str:
    return crypto.digest(f"media {sha256} {expires}")[:32]


def _ended() -> Unauthenticated:
    return Unauthenticated("MEDIA_TICKET_INVALID", "播放地址已过期，请重新打开这一课。")
