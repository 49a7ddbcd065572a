"""
A map of an archive
===================

Recordings that are alike lie together; groups are mostly people.
"""

import tempfile

import matplotlib.pyplot as plt

import sigsimnet as ssn

people = ssn.simulate(9, 4, duration=20, seed=4)
index = ssn.Index(tempfile.mkdtemp() + "/archive.index")
index.add(people, progress=False)
found = index.map(seed=1)
figure, axes = plt.subplots(figsize=(5, 5))
axes.scatter(found.x, found.y, c=found.numbers, cmap="tab10")
for about, x, y in zip(found.recordings, found.x, found.y, strict=True):
    axes.annotate(about["subject"], (x, y), fontsize=7)
axes.set_axis_off()
