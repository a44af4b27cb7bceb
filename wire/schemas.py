"""The base of every schema on the wire, and the field types that refuse what JSON lets through.

Unknown fields are refused, strings are limited and hold neither lone surrogates nor control characters, integers are real
integers (``true`` and ``1.0`` are not).
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

STRING_LIMIT = 2_000
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2999, 12, 31)


class StrictSchema(Schema):
    """A request or answer body: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A string of at most ``limit`` characters, without lone surrogates and control characters (line ends are allowed)."""

    def __init__(self, *, limit: int = STRING_LIMIT, at_least: int = 0, **kwargs: Any) -> None:
        metadata = {"minLength": at_least, "maxLength": limit, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.limit = limit
        self.at_least = at_least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("必须是文字")
        if len(value) > self.limit:
            raise ValidationError(f"最多{self.limit}个字")
        if len(value) < self.at_least:
            raise ValidationError(f"至少{self.at_least}个字" if self.at_least > 1 else "不能为空")
        if any(_unprintable(character) for character in value):
            raise ValidationError("含有无法识别的字符")
        return value


def _unprintable(character: str) -> bool:
    code = ord(character)
    return (code < 32 and character not in "\t\n\r") or code == 127 or 0xD800 <= code <= 0xDFFF


class WholeNumber(fields.Integer):
    """A JSON integer between ``at_least`` and ``at_most``; booleans, floats and numerals in strings are refused."""

    def __init__(self, *, at_least: int = 0, at_most: int = 2**53 - 1, **kwargs: Any) -> None:
        metadata = {"minimum": at_least, "maximum": at_most, **kwargs.pop("metadata", {})}
        super().__init__(strict=True, metadata=metadata, **kwargs)
        self.at_least = at_least
        self.at_most = at_most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("必须是整数")
        if not self.at_least <= value <= self.at_most:
            raise ValidationError(f"必须在{self.at_least}与{self.at_most}之间")
        return value


class Day(fields.Date):
    """A day as 2020-03-02, of the years 1900 to 2999: beyond them no calendar reaches, and no time zone either."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST_DAY <= day <= LATEST_DAY:
            raise ValidationError("年份应在1900至2999之间")
        return day


class PublicIdField(fields.UUID):
    """A public id: a UUID in its usual text form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> uuid.UUID:
        if not isinstance(value, str) or len(value) != 36:
            raise ValidationError("编号格式不对")
        try:
            return uuid.UUID(value)
        except ValueError as error:
            raise ValidationError("编号格式不对") from error


class ProblemSchema(Schema):
    """RFC 9457 problem document, with a stable ``code``, the ``request_id`` and one entry in ``errors`` for each fault."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Dict())
