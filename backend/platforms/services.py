"""What the house may ask of platforms. Every function takes and gives views; none commits."""

from backend.platforms.batch_files import read_batch
from backend.platforms.directory import (
    BatchView,
    batches,
    current_directory,
    platforms_outside,
    publish_batch,
)
from backend.platforms.explaining import (
    NOBODY,
    Explained,
    Outcome,
    as_text,
    as_values,
    explain_statements,
)
from backend.platforms.registering import (
    PlatformView,
    all_platforms,
    find_platform,
    hold_platform,
    platform_by_id,
    platform_by_public_id,
    register_platform,
)
from backend.platforms.rules import KINDS, OURS, Listing, lesson_ref, source_ref
from backend.platforms.statement_files import RefusedLine, StatementFile, read_statements

__all__ = [
    "KINDS",
    "NOBODY",
    "OURS",
    "BatchView",
    "Explained",
    "Listing",
    "Outcome",
    "PlatformView",
    "RefusedLine",
    "StatementFile",
    "all_platforms",
    "as_text",
    "as_values",
    "batches",
    "current_directory",
    "explain_statements",
    "find_platform",
    "hold_platform",
    "lesson_ref",
    "platform_by_id",
    "platform_by_public_id",
    "platforms_outside",
    "publish_batch",
    "read_batch",
    "read_statements",
    "register_platform",
    "source_ref",
]
