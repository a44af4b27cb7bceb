"""What the tests of courses share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from backend.courses import services
from backend.courses.services import CourseImported
from config.database import transaction
from tests.cast.courses import INSTITUTION, a_course_folder

Import = Callable[[Path], CourseImported]


@pytest.fixture
def bring_in(app: Flask) -> Import:
    """Import a folder or ZIP for the institution."""
    return lambda source: transaction(lambda: services.import_course(source=source, owner=INSTITUTION, author="作者甲"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good course folder, to be broken by a test."""
    return a_course_folder(tmp_path / "course")
