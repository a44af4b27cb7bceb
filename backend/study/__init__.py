"""The desk's side of studying: it opens sessions for a class, and seals and banks what they counted (clauses 二(三), 四.2).

Beats go straight from the phone to ``learning_records``; only opening, closing, quizzes and appeals pass here. Knows plans,
courses, quizzes, policies and the credit bank; knows no claim. Imported by claims, reviews and the doors through ``services``.
"""
