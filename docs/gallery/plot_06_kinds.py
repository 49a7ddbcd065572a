"""
Kinds of beats
==============

What Holter software calls templates: clusters of a recording's beats by their learnt similarity.
"""

import sigsimnet as ssn
from sigsimnet.archive import KIND_ROW, groups
from sigsimnet.plotting import plot_beats

[one] = ssn.simulate(1, 1, duration=90, seed=9)
found = groups(one)
print(KIND_ROW, *found.rows(), sep="\n")
plot_beats(found.segments.take(found.groups[0].index))
