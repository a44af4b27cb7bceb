"""Policies as dated data: what a notice says, which clause says it, and what one person's facts come to under it.

``values`` are the frozen values of a policy file, ``reading`` checks the file, ``rules`` decide, ``sentences`` say why.
Later slices and the doors reach this one through ``services`` and the types of ``rules``.
"""
