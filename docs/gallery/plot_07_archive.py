"""
The nearest in an archive
=========================

An index in one file; every search is exact.
"""

import tempfile

import matplotlib.pyplot as plt

import sigsimnet as ssn

people = ssn.simulate(8, 3, duration=20, seed=2)
index = ssn.Index(tempfile.mkdtemp() + "/archive.index")
index.add(people[:-1], progress=False)
found = index.search(people[-1], k=6)
for hit in found.hits:
    print(hit.rank, hit.subject, round(hit.score, 3))
figure, axes = plt.subplots(figsize=(6, 2.5))
axes.barh([f"{hit.rank}. {hit.subject}" for hit in found.hits][::-1], [hit.score for hit in found.hits][::-1])
axes.set_xlabel("score")
figure.tight_layout()
