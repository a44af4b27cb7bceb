"""A course package, opened without trust: a folder or a ZIP, within bounds, without links and without names that lead out."""

from __future__ import annotations

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from backend.courses.manifest import FILE as MANIFEST
from backend.courses.rules import Limits, Problem, refusal, refuse

IGNORED = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
CHUNK = 1024 * 1024
# Each unpacker of the standard library has a way of its own to say that the bytes are wrong.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class Package(Protocol):
    """The files of a course package, by their names relative to the manifest."""

    @property
    def names(self) -> frozenset[str]:
        """Every usable file."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file in ``names``."""
        ...


@contextmanager
def open_package(source: Path, limits: Limits) -> Iterator[Package]:
    """Open a folder or ZIP. Raises ``Invalid`` with codes PACKAGE_* when it is out of bounds or not to be trusted."""
    if source.is_symlink():
        raise refusal([Problem("PACKAGE_SYMLINK", "不能导入快捷方式或链接，请给出课程文件夹本身。")])
    if source.is_dir():
        yield _Folder(source, limits)
        return
    if not source.is_file():
        raise refusal([Problem("PACKAGE_MISSING", "没有找到课程文件夹或ZIP文件。")])
    try:  # names without the UTF-8 mark come from Chinese Windows
        archive = zipfile.ZipFile(source, metadata_encoding="gbk")
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError, OSError) as error:
        raise refusal([Problem("PACKAGE_NOT_ZIP", "文件不是完好的ZIP压缩包，请重新压缩。")]) from error
    with archive:
        yield _Zip(archive, limits)


def copy_file(package: Package, name: str, target: Path, limit: int) -> None:
    """Copy one file out. Raises ``Invalid`` (FILE_TOO_LARGE, PACKAGE_DAMAGED) and may leave ``target`` half-written."""
    copied = 0
    with target.open("xb") as out:
        for chunk in _chunks(package, name, CHUNK):
            copied += len(chunk)
            if copied > limit:
                raise refusal([Problem("FILE_TOO_LARGE", f"文件超过{_megabytes(limit)}的上限。", name)])
            out.write(chunk)


def read_file(package: Package, name: str, limit: int) -> bytes:
    """The whole of a small file. Raises ``Invalid`` (FILE_MISSING, FILE_TOO_LARGE, PACKAGE_DAMAGED)."""
    if name not in package.names:
        raise refusal([Problem("FILE_MISSING", "课程包里没有这个文件。", name)])
    data = next(_chunks(package, name, limit + 1), b"")
    if len(data) > limit:
        raise refusal([Problem("FILE_TOO_LARGE", f"文件超过{_megabytes(limit)}的上限。", name)])
    return data


def _chunks(package: Package, name: str, size: int) -> Iterator[bytes]:
    """The file's bytes, whatever is wrong with its packing turned into a refusal; what fails elsewhere stays an error."""
    try:
        with package.open(name) as source:
            while chunk := source.read(size):
                yield chunk
    except _DAMAGED as error:
        raise refusal([Problem("PACKAGE_DAMAGED", "这个文件已损坏或读不出来，请检查后重新压缩。", name)]) from error


class _Folder:
    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._count = self._total = 0
        self._problems: list[Problem] = []
        self.names = frozenset(self._walk(root, ""))
        refuse(self._problems)
        _need_manifest(self.names)

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda item: item.name):
                name = prefix + entry.name
                if entry.name in IGNORED or entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    self._problems.append(Problem("PACKAGE_SYMLINK", "课程包里不能有链接，请放入文件本身。", name))
                elif entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path), name + "/")
                elif entry.is_file(follow_symlinks=False):
                    size = entry.stat(follow_symlinks=False).st_size
                    self._count, self._total = self._count + 1, self._total + size
                    _check_totals(self._count, self._total, self._limits)
                    yield name

    def open(self, name: str) -> IO[bytes]:
        descriptor = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW)
        return os.fdopen(descriptor, "rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        entries = [info for info in archive.infolist() if not info.is_dir()]
        _check_totals(len(entries), sum(info.file_size for info in entries), limits)
        refuse([problem for info in entries for problem in _entry_problems(info, limits)])
        kept = {info.filename: info for info in entries if not _is_ignored(info.filename)}
        if len(kept) < sum(not _is_ignored(info.filename) for info in entries):
            raise refusal([Problem("PACKAGE_NAME_REPEATED", "压缩包里有同名的文件，请重新压缩。")])
        prefix = _common_folder(kept)
        self._entries = {name.removeprefix(prefix): info for name, info in kept.items()}
        self.names = frozenset(self._entries)
        _need_manifest(self.names)

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._entries[name])


def _entry_problems(info: zipfile.ZipInfo, limits: Limits) -> Iterator[Problem]:
    name = info.orig_filename
    shown = name[:120].replace("\0", "?")
    if "\0" in name or "\\" in name or name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
        yield Problem("PACKAGE_UNSAFE_NAME", "压缩包里有指向包外的文件名，不能导入。", shown)
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        yield Problem("PACKAGE_SYMLINK", "课程包里不能有链接，请放入文件本身。", shown)
    if info.flag_bits & 1:
        yield Problem("PACKAGE_ENCRYPTED", "压缩包加了密码，请不加密码重新压缩。", shown)
    inflated = info.file_size >= limits.ratio_from_bytes
    if inflated and info.file_size > limits.compression_ratio * max(1, info.compress_size):
        yield Problem("PACKAGE_BOMB", "文件解压后异常地大，不能导入。", shown)


def _check_totals(count: int, total: int, limits: Limits) -> None:
    if count > limits.files:
        raise refusal([Problem("PACKAGE_TOO_MANY_FILES", f"课程包最多{limits.files}个文件。")])
    if total > limits.total_bytes:
        raise refusal([Problem("PACKAGE_TOO_LARGE", f"课程包解压后超过{_megabytes(limits.total_bytes)}的上限。")])


def _common_folder(names: dict[str, zipfile.ZipInfo]) -> str:
    """The one folder that everything was zipped in, when the manifest is not at the top."""
    tops = {name.split("/", 1)[0] for name in names}
    if MANIFEST in names or len(tops) != 1:
        return ""
    return tops.pop() + "/"


def _need_manifest(names: frozenset[str]) -> None:
    if MANIFEST not in names:
        raise refusal([Problem("MANIFEST_MISSING", f"课程包里没有清单 {MANIFEST}。", MANIFEST)])


def _is_ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in IGNORED or part.startswith(".") for part in parts)


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:g}MB"
