"""
Cleaning, step by step
======================

A chain says what each step did; nothing is deleted, what is taken away becomes missing.
"""

import matplotlib.pyplot as plt

import sigsimnet as ssn
from sigsimnet.cleaning import preset

[one] = ssn.simulate(1, 1, duration=8, seed=7)
cleaned = preset("ecg").apply(one)
for step in cleaned.log:
    print(f"{step.name}: {step.note}")
figure, axes = plt.subplots(figsize=(9, 3))
axes.plot(one.times(), one.data[0], label="before")
axes.plot(one.times(), cleaned.recording.data[0], label="after")
axes.set_xlabel("time (s)")
axes.legend()
