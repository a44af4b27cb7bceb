"""Policies as dated data: what a notice says, which clause says it, and what one person's facts come to under it.

``values`` are the frozen values of a policy file, ``checking`` and ``reading`` take it in, ``rules`` decide, ``sentences`` say
why, ``differences`` compare. ``in_place`` are the files, ``keeping`` every version that was used, ``working_days`` and
``corrections`` the calendar.
Later slices and the doors reach this one through ``services`` and the types of ``rules``.
"""
