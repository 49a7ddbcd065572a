"""
Which waves make them alike
===========================

Every wave of the beats is taken out, or exchanged with that of the other recording: what the score would be.
"""

import matplotlib.pyplot as plt

import sigsimnet as ssn

anna, bo = (ssn.simulate(2, 1, duration=20, seed=3)[k] for k in (0, 1))
found = ssn.why(anna, bo)
print(*found.in_words(), sep="\n")
figure, axes = plt.subplots(figsize=(6, 3))
names = [part.name for part in found.parts]
axes.bar(names, [part.swapped - found.score for part in found.parts])
axes.set_ylabel("score with the wave of the other, minus score")
figure.tight_layout()
