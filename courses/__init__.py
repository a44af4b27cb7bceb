"""The courses shipped with the product, as their authors keep them, and the generator that makes their media.

One folder a course: ``course.toml`` (the manifest that ``flask courses import`` reads), a ``.script`` text for each video,
``.txt`` texts for readings and ``questions.toml``. Imports nothing of the house.
"""
