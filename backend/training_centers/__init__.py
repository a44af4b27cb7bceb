"""Training centers for practice, their desk clerks, and what they may know of a worker who shows a code (二(三)).

A center learns of one worker at a time, once for each code, and nothing beyond the answer of a look-up.
"""
