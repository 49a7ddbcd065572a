"""
Two recordings of one person
============================

The verdict, the beats over one another, and the score of each beat against the other recording.
"""

import sigsimnet as ssn

first, second = ssn.simulate(1, 2, duration=20, seed=1)
found = ssn.compare(first, second)
print(found.verdict, round(found.score, 3), round(found.probability, 3))
print(*found.reasons, sep="\n")
found.plot()
