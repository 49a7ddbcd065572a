"""
A recording with its R peaks
============================

Peaks are found by our detector; others stand beside it (``sigsimnet peaks --method``).
"""

import sigsimnet as ssn

[one] = ssn.simulate(1, 1, duration=12, seed=5)
peaks = ssn.detect_peaks(one)
print(peaks)
one.plot(stop=8)
