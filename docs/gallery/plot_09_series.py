"""
What comes next
===============

A forecast beside the last value, with the errors of the past as its band.
"""

import numpy as np

from sigsimnet.reports import plot_series
from sigsimnet.series import forecast

rng = np.random.default_rng(0)
rate = 70 + 4 * np.sin(np.arange(400) / 9) + rng.normal(size=400)
found = forecast((rate, 5.0), horizon=120.0)
print(found.verdict)
plot_series(found)
