"""
Quality by second
=================

Noise is put into three seconds, and found there.
"""

import numpy as np

import sigsimnet as ssn

[one] = ssn.simulate(1, 1, duration=20, seed=5)
data = one.data.copy()
begin, end = (round(t * one.sampling_rate) for t in (8, 11))
data[:, begin:end] += np.random.default_rng(0).normal(0, 1.5, (1, end - begin))
judged = ssn.quality(one.replace(data=data))
print(judged)
judged.plot()
