"""
Who it is, or nobody
====================

The threshold is what strangers reach, measured in the index itself.
"""

import tempfile

import matplotlib.pyplot as plt

import sigsimnet as ssn

people = ssn.simulate(31, 2, duration=20, seed=5)
index = ssn.Index(tempfile.mkdtemp() + "/archive.index")
index.add(
    [one for one in people if str(one.metadata["session"]) == "1" and one.metadata["subject"] != "S31"], progress=False
)
known, stranger = (next(one for one in people if one.metadata["subject"] == who and str(one.metadata["session"]) == "2")
                   for who in ("S07", "S31"))  # fmt: skip
figure, axes = plt.subplots(figsize=(6, 2.5))
for row, one in enumerate((known, stranger)):
    found = index.identify(one, fpir=0.05)
    print(found.verdict, found.person, "–", found.reason)
    axes.plot([hit.score for hit in found.found.hits], [row] * len(found.found.hits), "o")
axes.axvline(found.threshold, linestyle="--")
axes.set_yticks([0, 1], ["S07, who is there", "S31, who is not"])
axes.set_xlabel("score of the five nearest people; dashed: threshold")
figure.tight_layout()
