"""Names of platforms as people write them, and the references that tie their lessons and records to ours. Pure."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

KINDS: Mapping[str, str] = {
    "national": "国家级培训平台",
    "city": "本市平台",
    "provider": "第三方互联网培训课程服务商",
    "enterprise": "企业自有平台",
}
OURS = "wxck"
CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
MOST_ENTRIES = 1_000
_BETWEEN_NAMES = re.compile(r"[、，,；;|\n]+")
_AROUND_NAMES = re.compile(r"[\s“”\"'‘’《》「」【】()（）·-]+|微信小程序|小程序")


@dataclass(frozen=True)
class Listing:
    """One row of a batch: how a platform stands in the directory from that day on. ``withdrawn``: it is taken off."""

    code: str
    name: str
    kind: str
    other_names: tuple[str, ...] = ()
    address: str | None = None
    mobile_address: str | None = None
    withdrawn: bool = False

    def is_named(self, text: str) -> bool:
        """Whether ``text`` is its code, or holds one of its names or addresses, with whatever around it."""
        said = folded(text)
        names = map(folded, (self.name, *self.other_names, self.address or "", self.mobile_address or ""))
        return said == folded(self.code) or any(name and name in said for name in names)


def folded(name: str) -> str:
    """A name without what people write differently: width, case, spaces, quotes, 小程序."""
    return _AROUND_NAMES.sub("", unicodedata.normalize("NFKC", name).casefold())


def named_in(text: str) -> list[str]:
    """The platforms that a field names, as they are written there."""
    return [part.strip() for part in _BETWEEN_NAMES.split(text) if folded(part)]


def outside(text: str, directory: Iterable[Listing]) -> tuple[str, ...]:
    """Those platforms named in ``text`` that are not in the directory."""
    listed = list(directory)
    return tuple(part for part in named_in(text) if not any(listing.is_named(part) for listing in listed))


def problems_of(listings: Iterable[Listing]) -> list[dict[str, object]]:
    """What is wrong with the rows of a batch: number of the row (the first is 1), code and sentence. Empty when sound."""
    problems: list[dict[str, object]] = []
    seen: set[str] = set()

    def note(row: int, code: str, detail: str) -> None:
        problems.append({"row": row, "code": code, "detail": detail})

    for row, item in enumerate(listings, start=1):
        if not CODE.fullmatch(item.code):
            note(row, "PLATFORM_CODE_INVALID", "平台代码用小写字母、数字和连字符，不超过40个字符。")
        if item.code in seen:
            note(row, "PLATFORM_TWICE", f"同一批里平台代码“{item.code}”出现了两次。")
        seen.add(item.code)
        if not 1 <= len(item.name) <= 100:
            note(row, "PLATFORM_NAME_INVALID", "平台名称应为1至100个字。")
        if item.kind not in KINDS:
            note(row, "PLATFORM_KIND_UNKNOWN", f"平台类别应为以下之一：{'、'.join(KINDS)}。")
        if any(not 1 <= len(name) <= 100 for name in item.other_names) or len(item.other_names) > 10:
            note(row, "OTHER_NAMES_INVALID", "其他名称最多10个，每个1至100个字。")
        if any(address is not None and not 1 <= len(address) <= 200 for address in (item.address, item.mobile_address)):
            note(row, "ADDRESS_INVALID", "网址不超过200个字符；没有网址请留空。")
    return problems


def in_force(batches: Iterable[tuple[date | None, Iterable[Listing]]], on: date) -> dict[str, Listing]:
    """The directory of a day by code, from batches in the order of their numbers: a later one stands. None: since ever."""
    found: dict[str, Listing] = {}
    for published_on, listings in batches:
        if published_on is None or published_on <= on:
            for item in listings:
                if item.withdrawn:
                    found.pop(item.code, None)
                else:
                    found[item.code] = item
    return found


def lesson_ref(platform: uuid.UUID, lesson: str) -> uuid.UUID:
    """The reference of a platform's lesson on the records floor: the same minute of it earns once."""
    return uuid.uuid5(platform, f"lesson:{lesson}")


def source_ref(platform: uuid.UUID, external_id: str) -> uuid.UUID:
    """The reference of a platform's record on the records floor, by the platform's own id: it counts once."""
    return uuid.uuid5(platform, f"record:{external_id}")
