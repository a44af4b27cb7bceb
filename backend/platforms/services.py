"""What the house may ask of platforms. Every function takes and gives views; none commits."""

from backend.platforms.directory import (
    BatchView,
    batches,
    current_directory,
    platforms_outside,
    publish_batch,
)
from backend.platforms.registering import (
    PlatformView,
    all_platforms,
    find_platform,
    platform_by_public_id,
    register_platform,
)
from backend.platforms.rules import KINDS, OURS, Listing, lesson_ref, source_ref

__all__ = [
    "KINDS",
    "OURS",
    "BatchView",
    "Listing",
    "PlatformView",
    "all_platforms",
    "batches",
    "current_directory",
    "find_platform",
    "lesson_ref",
    "platform_by_public_id",
    "platforms_outside",
    "publish_batch",
    "register_platform",
    "source_ref",
]
