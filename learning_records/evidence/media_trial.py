"""A video tried by the decoder in a process of its own, which prints ``opens`` or the code of a refusal.

A file of a kilobyte can claim eighty million pictures, and a decoder is a large program in C. So this one gets bounded time
and memory, and may die without taking the server along. Nothing of the project is imported here.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

OPENS = "opens"
MOST_SECONDS = 20  # of processor time; a whole video of 500 MB takes one or two
_MOST_BYTES = 2 * 1024**3  # of memory; one picture of the largest size has 53 MB
CODECS = ("h264", "hevc", "mpeg4")
MOST_FRAME_PIXELS = 8192 * 4320


def trial(path: str) -> str:
    """Read every packet and show a picture at the start and in the middle: ``opens``, or the code of the refusal."""
    try:  # the demuxer and protocol are fixed: a playlist in disguise must not make us open anything else
        with av.open(path, format="mp4", options={"protocol_whitelist": "file"}) as container:
            return _fault_of_stream(container, Path(path).stat().st_size) or _fault_of_packets(container) or OPENS
    except (FFmpegError, ValueError, OverflowError):
        return "FILE_BROKEN"


def _fault_of_stream(container: InputContainer, size_bytes: int) -> str | None:
    if not container.streams.video:
        return "VIDEO_ONLY_SOUND"
    stream = container.streams.video[0]
    if stream.frames > size_bytes:
        return "FILE_BROKEN"  # more pictures than bytes
    if stream.codec_context is None or stream.codec_context.name not in CODECS:
        return "VIDEO_CODEC"
    stream.codec_context.thread_count = 1
    return None if 0 < stream.width * stream.height <= MOST_FRAME_PIXELS else "PICTURE_TOO_LARGE"


def _fault_of_packets(container: InputContainer) -> str | None:
    stream = container.streams.video[0]
    packets = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            return "FILE_BROKEN"
        packets += packet.size > 0
    if not packets:
        return "VIDEO_NO_PICTURE"
    start = stream.start_time or 0
    for place in (start, start + (stream.duration or 0) // 2):
        container.seek(place, stream=stream)
        frame = next(container.decode(stream), None)
        if frame is None or frame.is_corrupt:
            return "FILE_BROKEN"
    return None


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(trial(sys.argv[1]))
