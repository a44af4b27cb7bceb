"""Training plans (培训计划) filed before training, their classes, courses and enrollments (clauses 一 and 三).

Knows enterprises, courses, quizzes and policies; knows no claim and no yuan. Imported by study, claims, reviews and the doors.
"""
