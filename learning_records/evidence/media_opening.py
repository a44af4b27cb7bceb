"""Whether a picture or a video really opens: tried with the decoders people's own programs are made of.

Only after ``media_types.sniff`` has bounded what a decoder is given: pixels, scans, parts. Formats and codecs are fixed.
"""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from config.errors import Invalid
from learning_records.evidence.media_structure import BROKEN
from learning_records.evidence.media_types import JPEG, MP4, QUICKTIME, MediaType

CODECS = ("h264", "hevc", "mpeg4")
MOST_FRAME_PIXELS = 8192 * 4320
_SHRUNK = 8  # a JPEG is decoded at an eighth of its size, which reads all of it and takes little memory


def check_opens(path: Path, media_type: MediaType) -> None:
    """Decode a JPEG small; read every packet of a video and show a picture at its start and in its middle.

    A PNG was inflated to its last byte already; a PDF is not rendered. Raises ``Invalid`` FILE_BROKEN, VIDEO_NO_PICTURE,
    VIDEO_CODEC, PICTURE_TOO_LARGE.
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
    try:  # the demuxer and protocol are fixed: a playlist in disguise must not make us open anything else
        with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as container:
            _check_stream(container)
            stream = container.streams.video[0]
            packets = 0
            for packet in container.demux(stream):
                if packet.is_corrupt:
                    raise Invalid("FILE_BROKEN", BROKEN)
                packets += packet.size > 0
            if not packets:
                raise Invalid("VIDEO_NO_PICTURE", "视频里没有画面，请检查是否传错了文件。")
            start = stream.start_time or 0
            for place in (start, start + (stream.duration or 0) // 2):
                container.seek(place, stream=stream)
                frame = next(container.decode(stream), None)
                if frame is None or frame.is_corrupt:
                    raise Invalid("FILE_BROKEN", BROKEN)
    except (FFmpegError, ValueError, OverflowError) as error:
        raise Invalid("FILE_BROKEN", BROKEN) from error


def _check_stream(container: InputContainer) -> None:
    if not container.streams.video:
        raise Invalid("VIDEO_NO_PICTURE", "文件里只有声音没有画面，请检查是否传错了文件。")
    stream = container.streams.video[0]
    if stream.codec_context is None or stream.codec_context.name not in CODECS:
        raise Invalid("VIDEO_CODEC", "这段视频的编码多数电脑放不了，请转成MP4（H.264）后上传。")
    if not 0 < stream.width * stream.height <= MOST_FRAME_PIXELS:
        raise Invalid("PICTURE_TOO_LARGE", "视频画面尺寸过大，请转成1080P后上传。")
