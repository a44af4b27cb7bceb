"""Files as people hand them in: pictures, scans and videos, each made by the programs that make real ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from fractions import Fraction
from functools import cache

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

from tests.cast.courses import a_video

HEIC = struct.pack(">I", 24) + b"ftypheic\x00\x00\x00\x00mif1heic" + struct.pack(">I", 16) + b"meta" + bytes(8)


def a_picture(shade: int = 40, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A picture with something on it, so that it has more than one line of data."""
    picture = Image.new("RGB", size, (shade % 256, shade // 256 % 256, 120))
    picture.paste(Image.linear_gradient("L").resize((size[0] // 2, size[1] // 2)).convert("RGB"), (3, 5))
    return picture


def a_jpeg(shade: int = 40, *, progressive: bool = False, mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> bytes:
    """A photograph; another shade gives other bytes."""
    return saved(a_picture(shade, size).convert(mode), "JPEG", progressive=progressive, quality=80, comment=str(shade))


def a_png(shade: int = 40, *, mode: str = "RGB") -> bytes:
    """A screenshot."""
    return saved(a_picture(shade).convert(mode), "PNG")


def a_pdf(shade: int = 40) -> bytes:
    """A scan as scanners' programs write it: a table of references in plain text."""
    return saved(a_picture(shade), "PDF", title="盖章材料")


def a_modern_pdf() -> bytes:
    """A PDF 1.5 whose references and catalog are compressed streams, as Word and WPS write it."""
    objects = b"1 0 2 50 <</Type /Catalog /Pages 2 0 R>>".ljust(60) + b"<</Type /Pages /Kids [] /Count 0>>"
    packed = zlib.compress(objects)
    body = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n3 0 obj\n<</Type /ObjStm /N 2 /First 10 /Filter /FlateDecode /Length "
    body += b"%d>>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"
    table = zlib.compress(bytes(20))
    at = len(body)
    body += b"4 0 obj\n<</Type /XRef /Size 5 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d>>\n" % len(table)
    return body + b"stream\n" + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\r\n" % at


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    """The picture as a file of that form."""
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def an_interlaced_png() -> bytes:
    """Adam7, written by hand: 3 by 5 gray pixels in seven passes, some of them empty."""
    header = struct.pack(">IIBBBBB", 3, 5, 8, 0, 0, 0, 1)
    passes = ((1, 1), (0, 0), (1, 1), (1, 2), (2, 1), (1, 3), (3, 2))  # columns and rows of each
    lines = b"".join((b"\x00" + bytes(columns)) * rows for columns, rows in passes if columns)
    return png_of([(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")])


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks, with right checksums."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def a_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few bytes that say they are a picture of billions of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")])


def an_mp4(seconds: int = 2, shade: int = 40) -> bytes:
    """A short H.264 video."""
    return a_video(seconds, shade).read_bytes()


@cache
def a_mov(codec: str = "h264", container: str = "mov") -> bytes:
    """What a telephone or a camera writes; any codec and container the library has."""
    written = io.BytesIO()
    with av.open(written, "w", format=container) as output:
        stream = output.add_stream(codec, rate=5)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = 64, 48
        stream.options = {"x265-params": "log-level=none"} if codec == "hevc" else {}
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for shade in range(0, 200, 20):
            output.mux(stream.encode(_frame(a_picture(shade, (64, 48)))))
        output.mux(stream.encode(None))
    return written.getvalue()


def _frame(picture: Image.Image) -> av.VideoFrame:
    frame = av.VideoFrame(picture.width, picture.height, "rgb24")
    frame.planes[0].update(picture.tobytes())
    return frame


@cache
def a_recording() -> bytes:
    """An MP4 with sound and no picture."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=8000)
        assert isinstance(stream, AudioStream)
        for number in range(4):
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.planes[0].update(bytes(silence.planes[0].buffer_size))
            silence.sample_rate, silence.pts, silence.time_base = 8000, number * 1024, Fraction(1, 8000)
            output.mux(stream.encode(silence))
        output.mux(stream.encode(None))
    return written.getvalue()


def a_zip(name: str = "payload.exe", data: bytes = b"MZ\x90\x00") -> bytes:
    """An archive with one file in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(name, data)
    return written.getvalue()


def a_video_that_claims(pictures: int) -> bytes:
    """A short MP4 whose tables say that one chunk holds so many pictures of one byte."""
    video = bytearray(an_mp4())

    def at(box: bytes) -> int:
        return video.index(box) + 4

    struct.pack_into(">II", video, at(b"stsz") + 4, 1, pictures)
    struct.pack_into(">III", video, at(b"stsc") + 8, 1, pictures, 1)
    struct.pack_into(">II", video, at(b"stts") + 8, pictures, 1)
    return bytes(video)
