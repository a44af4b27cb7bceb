"""Courses: what authors bring in, checked whole, kept by content, and published in versions that never change.

A course comes as a folder or ZIP: ``course.toml``, media, texts and a question workbook. ``manifest.py`` checks the manifest,
``package.py`` opens folders and ZIPs within bounds, ``media.py`` measures and checks files, ``workbook.py`` reads questions,
``content.py`` puts it together, ``services.py`` writes the rows. The question pool is part of a course version.
"""
