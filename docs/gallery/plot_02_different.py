"""
Two people
==========

The same question where the answer is another one.
"""

import sigsimnet as ssn

anna, bo = (ssn.simulate(2, 1, duration=20, seed=3)[k] for k in (0, 1))
found = ssn.compare(anna, bo)
print(found.verdict, round(found.score, 3))
found.plot()
