"""
Where in time
=============

Stretch against stretch: a recording and a second one whose middle belongs to somebody else.
"""

import matplotlib.pyplot as plt
import numpy as np

import sigsimnet as ssn

anna, other = (ssn.simulate(2, 1, duration=60, seed=11)[k] for k in (0, 1))
data = anna.data.copy()
begin, end = (round(t * anna.sampling_rate) for t in (20, 40))
data[:, begin:end] = other.data[:, begin:end]
found = ssn.compare(anna, anna.replace(data=data, source="mixed"))
figure, axes = plt.subplots(figsize=(4.5, 4))
image = axes.imshow(np.asarray(found.stretches.scores), origin="lower")
axes.set_xlabel("stretch of the mixed one")
axes.set_ylabel("stretch of anna")
figure.colorbar(image, label="score")
