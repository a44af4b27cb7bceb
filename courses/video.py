"""H.264 videos of still pictures, in MP4 files that phones and browsers play; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

MS = 1000


def encode(
    path: Path,
    pictures: Iterable[tuple[Image.Image, int]],
    *,
    width: int,
    height: int,
    frame_ms: int,
    quality: int,
    key_frame_ms: int = 10_000,
    preset: str = "veryfast",
) -> None:
    """Write a silent video showing each picture for its milliseconds (multiples of ``frame_ms``).

    ``quality`` is x264's constant rate factor: lower is better. A key frame every ``key_frame_ms`` keeps seeking exact.
    """
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=Fraction(MS, frame_ms))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(frame_ms, MS)
        stream.codec_context.time_base = Fraction(frame_ms, MS)
        stream.codec_context.gop_size = max(1, key_frame_ms // frame_ms)
        stream.codec_context.flags |= 1 << 23  # bitexact: no version text, no time of making
        stream.options = {
            "preset": preset,
            "tune": "stillimage",
            "crf": str(quality),
            "threads": "1",
            "bf": "0",
            "profile": "main",
        }
        for frame in _frames(pictures, width, height, frame_ms):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(
    pictures: Iterable[tuple[Image.Image, int]], width: int, height: int, frame_ms: int
) -> Iterator[VideoFrame]:
    number = 0
    for picture, shown_ms in pictures:
        if shown_ms % frame_ms:
            raise ValueError(f"{shown_ms} ms is not a whole number of frames of {frame_ms} ms")
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        frame = VideoFrame.from_bytes(picture.convert("RGBA").tobytes(), width, height).reformat(format="yuv420p")
        for _ in range(shown_ms // frame_ms):
            frame.pts = number
            frame.time_base = Fraction(frame_ms, MS)
            yield frame
            number += 1
