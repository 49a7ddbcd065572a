"""
Gaps, filled from other columns
===============================

One slow thing stands behind three vital signs; where one is missing the others say it.
"""

import numpy as np

from sigsimnet.reports import plot_series
from sigsimnet.series import fill

rng = np.random.default_rng(1)
common = np.cumsum(rng.normal(size=300)) / 4
values = np.stack([70 + 3 * common, 16 + common, 97 - 0.3 * common]) + 0.3 * rng.normal(size=(3, 300))
values[0, 100:140] = np.nan
found = fill((values, 5.0))
print(found.verdict)
plot_series(found)
