"""Whether a picture or a video really opens: tried with the decoders people's own programs are made of.

Only after ``media_types.sniff`` has bounded what a decoder is given: pixels, scans, parts. Formats and codecs are fixed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

from config.errors import Invalid
from learning_records.evidence import media_trial
from learning_records.evidence.media_structure import BROKEN
from learning_records.evidence.media_types import JPEG, MP4, QUICKTIME, MediaType

_SHRUNK = 8  # a JPEG is decoded at an eighth of its size, which reads all of it and takes little memory
_LONGEST_SECONDS = 90  # by the wall: a busy machine gives a trial its processor time late
_REFUSALS = {
    "FILE_BROKEN": BROKEN,
    "VIDEO_ONLY_SOUND": "文件里只有声音没有画面，请检查是否传错了文件。",
    "VIDEO_NO_PICTURE": "视频里没有画面，请检查是否传错了文件。",
    "VIDEO_CODEC": "这段视频的编码多数电脑放不了，请转成MP4（H.264）后上传。",
    "PICTURE_TOO_LARGE": "视频画面尺寸过大，请转成1080P后上传。",
    "VIDEO_TOO_DEAR": "这段视频打开要花的时间或内存太多，请用剪辑软件另存为普通的MP4（H.264）后再上传。",
}


def check_opens(path: Path, media_type: MediaType) -> None:
    """Decode a JPEG small; read every packet of a video and show a picture at its start and in its middle.

    A PNG was inflated to its last byte already; a PDF is not rendered. Raises ``Invalid`` FILE_BROKEN, VIDEO_NO_PICTURE,
    VIDEO_CODEC, VIDEO_TOO_DEAR, PICTURE_TOO_LARGE.
    """
    if media_type is JPEG:
        _open_picture(path)
    elif media_type in (MP4, QUICKTIME):
        _open_video(path)


def _open_picture(path: Path) -> None:
    try:
        with Image.open(path, formats=("JPEG",)) as picture:
            picture.draft(picture.mode, (max(1, picture.width // _SHRUNK), max(1, picture.height // _SHRUNK)))
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid("FILE_BROKEN", BROKEN) from error


def _open_video(path: Path) -> None:
    command = [sys.executable, "-I", str(Path(media_trial.__file__)), str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False)
        said = done.stdout.strip()
    except subprocess.TimeoutExpired:
        said = ""
    if said == media_trial.OPENS:
        return
    code = said if said in _REFUSALS else "VIDEO_TOO_DEAR"  # it was stopped, or fell over
    raise Invalid("VIDEO_NO_PICTURE" if code == "VIDEO_ONLY_SOUND" else code, _REFUSALS[code])
