"""Quizzes: questions drawn per person from the pools of courses, a time limit, resits, and a history that stays.

Answers never leave before the attempt is closed. The pools themselves are part of the course versions (``courses``).
"""
