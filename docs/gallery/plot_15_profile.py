"""
All about a recording
=====================

Gaps, quality, statistics, spectrum and heart rate variability in one call.
"""

import sigsimnet as ssn

[one] = ssn.simulate(1, 1, duration=120, seed=5)
found = ssn.profile(one, progress=False)
print(found.statistics.T)
print(found.hrv)
found.plot()
