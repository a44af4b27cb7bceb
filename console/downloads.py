"""See ``wire.downloads``."""

from wire.downloads import attachment

__all__ = ["attachment"]
