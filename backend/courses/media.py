"""Media files: measured with PyAV, checked before they are taken, kept under the SHA-256 of their bytes.

A video's length is read from its frames' own times. What a header claims, or an author types in, counts for nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from backend.courses.rules import SHA256, Limits, Problem
from config.errors import NotFound

SUFFIXES = (".mp4", ".vtt", ".txt", ".json")
CODECS = ("h264", "hevc")
HEADER_DIFFERS_MS = 2_000
MOST_PIXELS = 4096 * 2304
PROBES = 5  # places in the video where a picture must come out
CUE = re.compile(r"(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})\s+-->\s+(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})(?:\s.*)?")


class MediaError(Exception):
    """A file that cannot be taken: a stable code, a sentence for the author and, for texts, the row."""

    def __init__(self, code: str, detail: str, row: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.row = code, detail, row

    def problem(self, file: str) -> Problem:
        """The same as a problem of ``file``."""
        return Problem(self.code, self.detail, file, self.row)


def measure_video_ms(path: Path, limits: Limits) -> int:
    """The length of a video in milliseconds, from the times of its frames.

    Raises ``MediaError`` (FILE_TYPE, MEDIA_BROKEN, MEDIA_NO_VIDEO, MEDIA_CODEC, MEDIA_SIZE, MEDIA_GAP, MEDIA_LENGTH).
    """
    with path.open("rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            raise MediaError("FILE_TYPE", "文件不是MP4视频，请转成MP4（H.264）格式。")
    try:  # the demuxer and protocol are fixed: a playlist in disguise must not make us open anything else
        with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as container:
            stream = _video_stream(container)
            length_ms = _length_ms(container, stream, limits)
            _probe(container, stream)
    except (FFmpegError, ValueError, OverflowError) as error:
        raise MediaError("MEDIA_BROKEN", "视频文件已损坏或不完整，请重新导出后上传。") from error
    if not limits.video_ms_least <= length_ms <= limits.video_ms:
        raise MediaError("MEDIA_LENGTH", f"视频要在1秒至{limits.video_ms // 3_600_000}小时之间。")
    return length_ms


def _video_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise MediaError("MEDIA_NO_VIDEO", "文件里没有画面，请检查是否传成了音频。")
    stream = container.streams.video[0]
    if stream.codec_context is None or stream.codec_context.name not in CODECS:
        raise MediaError("MEDIA_CODEC", "手机放不了这种编码，请转成MP4（H.264）格式。")
    if not 0 < stream.width * stream.height <= MOST_PIXELS:
        raise MediaError("MEDIA_SIZE", "画面尺寸过大，请转成1080P或更小。")
    return stream


def _length_ms(container: InputContainer, stream: VideoStream, limits: Limits) -> int:
    times: list[int] = []
    end = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise MediaError("MEDIA_BROKEN", "视频文件已损坏或不完整，请重新导出后上传。")
        if packet.pts is None or packet.is_discard:  # is_discard: cut away by the phone's own editor, never shown
            continue
        times.append(packet.pts)
        end = max(end, packet.pts + (packet.duration or 0))
    if not times or stream.time_base is None:
        raise MediaError("MEDIA_BROKEN", "视频文件里没有画面数据，请重新导出后上传。")
    times.sort()
    unit_ms = stream.time_base * 1000
    if ((stream.duration or 0) - (end - times[0])) * unit_ms > HEADER_DIFFERS_MS:
        raise MediaError("MEDIA_BROKEN", "视频文件不完整，请重新导出后上传。")
    gap = max(after - before for before, after in zip(times, [*times[1:], end], strict=True))
    if gap * unit_ms > limits.video_gap_ms:
        raise MediaError("MEDIA_GAP", f"视频里有超过{limits.video_gap_ms // 1000}秒没有画面，不能计作课程时长。")
    return int((end - times[0]) * unit_ms)


def _probe(container: InputContainer, stream: VideoStream) -> None:
    start, length = stream.start_time or 0, stream.duration or 0
    for part in range(PROBES):
        container.seek(start + length * part // PROBES, stream=stream)
        frame = next(container.decode(stream), None)
        if frame is None or frame.is_corrupt:
            raise MediaError("MEDIA_BROKEN", "视频中有放不出来的画面，请重新导出后上传。")


def check_captions(data: bytes, video_ms: int) -> None:
    """Check a WebVTT file against its video. Raises ``MediaError`` with the row (CAPTIONS_FORMAT, CAPTIONS_TIME)."""
    lines = read_text(data).splitlines()
    if not lines or not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise MediaError("CAPTIONS_FORMAT", "字幕文件第一行要写 WEBVTT。", 1)
    cues = 0
    before_ms = 0
    for row, line in enumerate(lines, start=1):
        if "-->" not in line:
            continue
        match = CUE.fullmatch(line.strip())
        if match is None:
            raise MediaError("CAPTIONS_FORMAT", "字幕时间的写法如 00:00:01.000 --> 00:00:04.000。", row)
        parts = [int(part or 0) for part in match.groups()]
        start_ms, end_ms = (((p[0] * 60 + p[1]) * 60 + p[2]) * 1000 + p[3] for p in (parts[:4], parts[4:]))
        if not before_ms <= start_ms < end_ms:
            raise MediaError("CAPTIONS_TIME", "字幕时间前后颠倒，请按先后排列。", row)
        if end_ms > video_ms + 1000:
            raise MediaError("CAPTIONS_TIME", "字幕比视频长，请检查是否传错了文件。", row)
        before_ms, cues = start_ms, cues + 1
    if not cues:
        raise MediaError("CAPTIONS_FORMAT", "字幕文件里没有字幕。")


def read_text(data: bytes) -> str:
    """Decode a text. Raises ``MediaError`` (TEXT_NOT_UTF8, TEXT_CONTROL with its row)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MediaError("TEXT_NOT_UTF8", "文件不是UTF-8编码，请另存为UTF-8。") from error
    for row, line in enumerate(text.split("\n"), start=1):
        if any(ord(character) < 32 and character not in "\t\r" for character in line):
            raise MediaError("TEXT_CONTROL", "文件里有不能显示的控制字符，请删去。", row)
    return text


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_through(staged: Path) -> None:
    """Wait until a staged file is on the disk."""
    with staged.open("rb") as file:
        os.fsync(file.fileno())


def keep(staged: Path, sha256: str, media_dir: Path) -> None:
    """Move a checked file, written through, to its place by content; one already there stays.

    It is on the disk before it has its name, and moved within one file system, so a name always means a whole file.
    """
    target = media_dir / sha256[:2] / f"{sha256}{staged.suffix}"
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)


def find(sha256: str, media_dir: Path) -> Path:
    """The kept file with this SHA-256. Raises ``NotFound`` (MEDIA_NOT_FOUND)."""
    if SHA256.fullmatch(sha256):
        for suffix in SUFFIXES:
            path = media_dir / sha256[:2] / f"{sha256}{suffix}"
            if path.is_file():
                return path
    raise NotFound("MEDIA_NOT_FOUND", "没有找到这个课程文件，请刷新课程后再试。")
