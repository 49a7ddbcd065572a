"""
Copies in an archive
====================

The same beats at the same times of each other, whatever a file is called.
"""

import tempfile

import matplotlib.pyplot as plt

import sigsimnet as ssn

people = ssn.simulate(4, 2, duration=40, seed=8)
copy = people[2].crop(12, 36).replace(source="renamed.csv", metadata={"subject": "somebody else"})
index = ssn.Index(tempfile.mkdtemp() + "/archive.index")
index.add([*people, copy], progress=False)
[pair] = index.near_duplicates(progress=False)
print(pair)
figure, axes = plt.subplots(figsize=(9, 2.5))
axes.plot(people[2].times(), people[2].data[0], linewidth=0.8, label="the recording")
axes.plot(copy.times() + pair.offset, copy.data[0] - 1.5, linewidth=0.8, label="its copy, laid over it")
axes.set_xlabel("time (s)")
axes.legend()
