"""What a file is, by its content alone: a name or a header that came with it counts for nothing. Pure, standard library.

``sniff`` recognizes the few types that are kept, walks their structure to the last byte (``media_structure``) and refuses a
second file inside (a ZIP, RAR, PDF or page that another program would open instead). It is no search for viruses: what it
lets through is a picture, a video or a document that is whole, and it is only ever given out as a download.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass

from config.errors import Invalid
from learning_records.evidence.media_structure import (
    BROKEN,
    Data,
    Refused,
    check_jpeg,
    check_mp4,
    check_pdf,
    check_png,
)


@dataclass(frozen=True)
class MediaType:
    """A type that is kept: its registered name, what people call it, and the endings it goes by, the usual one first."""

    name: str
    word: str
    endings: tuple[str, ...]


JPEG = MediaType("image/jpeg", "JPG", (".jpg", ".jpeg"))
PNG = MediaType("image/png", "PNG", (".png",))
PDF = MediaType("application/pdf", "PDF", (".pdf",))
MP4 = MediaType("video/mp4", "MP4", (".mp4", ".m4v"))
QUICKTIME = MediaType("video/quicktime", "MOV", (".mov", ".qt"))
JSON = MediaType("application/json", "JSON", (".json",))
MEDIA_TYPES = {media_type.name: media_type for media_type in (JPEG, PNG, PDF, MP4, QUICKTIME, JSON)}

LONGEST_NAME = 100  # characters, the ending among them
LARGEST_JSON = 2 * 1024**2  # bytes; it is read into memory
_SNIFFED_BYTES = 1445  # how far a browser looks for a page (WHATWG MIME Sniffing, "resource header")
_PDF_BYTES = 1024  # how far a PDF reader looks for its beginning
_ZIP_END_BYTES = 22 + 65_535  # where the end of a ZIP's directory must be
_PAGE = re.compile(rb"<!doctype\s+html|<(?:html|script|svg|iframe)[\s>]|<\?php", re.IGNORECASE)
_ZIP_END = re.compile(rb"PK\x05\x06(?:\x00|\xff){4}")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")

_USE = "图片请用JPG或PNG，视频请用MP4，纸质材料请拍照或扫描成PDF。"
_PROGRAM = f"这是程序文件，不能作为台账资料上传。{_USE}"
_ARCHIVE = "这是压缩包，检查时无法直接查看。请解压后把里面的图片、视频或PDF一个个上传。"
_OFFICE = "这是Word或Excel文档，内容还能改动。请打印盖章后扫描，或另存为PDF再上传。"
_PICTURE = "这种图片格式不收，请另存为JPG或PNG后上传。"
_VIDEO = "这种视频格式不收，请转成MP4后上传。"
_HEIC = (
    "这是苹果手机的HEIC照片，审核和检查人员的电脑多半打不开。"
    "请在手机“设置—相机—格式”里选“兼容性最佳”后再拍，已拍好的请先转成JPG再上传。"
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_FOREIGN = (
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"#!", _PROGRAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"GIF8", _PICTURE),
    (b"BM", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"FLV\x01", _VIDEO),
    (b"\x00\x00\x01\xba", _VIDEO),
)
_CONTROL = {
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Cn",
}  # controls, marks of direction and joining, lone surrogates, what is no letter
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')  # Windows refuses them


def sniff(data: Data) -> MediaType:
    """What the file is, once its structure is whole. Raises ``Invalid`` FILE_TYPE, FILE_HEIC, FILE_BROKEN,
    FILE_HIDES_ANOTHER, PICTURE_TOO_LARGE."""
    try:
        media_type = _walk(data)
    except Refused as refused:
        raise Invalid(refused.code, refused.detail) from refused
    except IndexError as error:  # the structure points past the end
        raise Invalid("FILE_BROKEN", BROKEN) from error
    if _hides_another(data, media_type):
        raise Invalid(
            "FILE_HIDES_ANOTHER",
            f"这份{media_type.word}文件里还夹带了别的文件（压缩包或网页等），请去掉后重新保存再上传。",
        )
    return media_type


def clean_name(name: str, media_type: MediaType) -> str:
    """The file's name without folders, controls and marks of direction, at most ``LONGEST_NAME`` characters long, with an
    ending that says what it is: ``..\\合同.exe`` of a JPEG becomes ``合同.exe.jpg``."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    kept = "".join(" " if character.isspace() else character for character in name if _may_stand(character))
    kept = " ".join(_NOT_IN_NAMES.sub("_", kept).split()).strip(". ")
    ending = next((ending for ending in media_type.endings if kept.lower().endswith(ending)), "")
    stem = kept[: len(kept) - len(ending)].strip(". ")
    ending = kept[len(kept) - len(ending) :] if ending else media_type.endings[0]
    return (stem[: LONGEST_NAME - len(ending)].rstrip(". ") or "未命名") + ending


def _may_stand(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _CONTROL


def _walk(data: Data) -> MediaType:
    head = data[:32]
    if head.startswith(b"\xff\xd8\xff"):
        check_jpeg(data)
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        check_png(data)
        return PNG
    if head.startswith(b"%PDF-"):
        check_pdf(data)
        return PDF
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIC_BRANDS:
            raise Refused("FILE_HEIC", _HEIC)
        check_mp4(data)
        return QUICKTIME if head[8:12] == b"qt  " else MP4
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        _check_json(data)
        return JSON
    raise Refused("FILE_TYPE", _foreign(data))


def _check_json(data: Data) -> None:
    if len(data) > LARGEST_JSON:
        raise Refused("FILE_TOO_LARGE", f"JSON数据不能超过{LARGEST_JSON // 1024**2}MB，请分开后再上传。")
    try:
        json.loads(data[:].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("FILE_BROKEN", "文件不是完整的JSON数据（UTF-8编码），请重新导出后上传。") from error


def _foreign(data: Data) -> str:
    """Why a file of another type is refused, and what to do instead."""
    head = data[:32]
    if head.startswith(b"PK"):
        names = data[-_ZIP_END_BYTES:]
        if b"OFD.xml" in names:
            return "这是OFD文件，请另存为PDF后上传。"
        return _OFFICE if b"word/" in names or b"xl/" in names or b"ppt/" in names else _ARCHIVE
    if head.startswith(b"RIFF"):
        return _VIDEO if head[8:12] == b"AVI " else _PICTURE if head[8:12] == b"WEBP" else f"不收这种文件。{_USE}"
    if _PAGE.search(data[:_SNIFFED_BYTES]):
        return f"这是网页文件，不能作为台账资料上传。{_USE}"
    found = next((sentence for mark, sentence in _FOREIGN if head.startswith(mark)), None)
    return found or f"认不出这是什么文件，可能已损坏，或改过扩展名。{_USE}"


def _hides_another(data: Data, media_type: MediaType) -> bool:
    if media_type is JSON:
        return False  # whole as JSON, it is nothing else
    if _PAGE.search(data[:_SNIFFED_BYTES]) or _ZIP_END.search(data[-_ZIP_END_BYTES:]):
        return True
    if media_type is not PDF and b"%PDF-" in data[:_PDF_BYTES]:
        return True
    return any(data.find(mark) >= 0 for mark in _ARCHIVES)
