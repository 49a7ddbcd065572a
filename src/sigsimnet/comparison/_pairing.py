"""Leads whose names lie: electrodes that were swapped on one side show as two leads that are each like the other's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sigsimnet.model import Template

__all__ = ["exchanged_leads", "paired_by_likeness"]

_FEWEST = 4  # leads, of which most must agree
_LOW, _BELOW = 0.6, 0.25  # score of a lead that is suspicious: by itself, and against the usual lead of the pair
_GAIN = 0.3  # of the mean score of the suspicious leads


def exchanged_leads(a: Template, b: Template, by_name: Mapping[str, float]) -> dict[str, tuple[str, float]]:
    """Return which lead of B each suspicious lead of A is like, and the score; empty where names tell the truth.

    Where most leads agree by name and some do not, those are paired among themselves so that they fit best (Kuhn 1955).
    Only a pairing that lifts all of them counts: of strangers a few leads are alike by chance.

    Parameters
    ----------
    a, b : Template
        Of a model with the cosine head.
    by_name : mapping of str to float
        Score of each common lead.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> one = load_model("ecg").enrol(simulate(1, 1, duration=20, seed=1)[0])
    >>> exchanged_leads(one, one, {"I": 0.9, "II": 0.9})
    {}
    """
    if len(by_name) < _FEWEST:
        return {}
    usual = float(np.median(list(by_name.values())))
    low = [lead for lead, score in by_name.items() if score < min(_LOW, usual - _BELOW)]
    if not 2 <= len(low) <= len(by_name) // 2 or usual < _LOW:
        return {}
    from scipy.optimize import linear_sum_assignment

    first, second = (_vectors(side, low) for side in (a, b))
    scores = first @ second.T
    rows, columns = linear_sum_assignment(-scores)
    moved = {
        low[row]: (low[column], float(scores[row, column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if row != column
    }
    if len(moved) < 2:
        return {}
    gain = np.mean([score - by_name[lead] for lead, (_, score) in moved.items()])
    return moved if gain >= _GAIN and min(score for _, score in moved.values()) >= _LOW else {}


def paired_by_likeness(b: Template, moved: Mapping[str, tuple[str, float]]) -> Template:
    """Return B's template with the leads that `exchanged_leads` found under the names that they have in A.

    Parameters
    ----------
    b : Template
    moved : mapping of str to (str, float)
        For leads of A the lead of B that is like it, each of these once.

    Examples
    --------
    >>> import numpy as np
    >>> from sigsimnet.model import Template
    >>> b = Template(("V1", "V2"), np.eye(2, dtype=np.float32), np.ones(2), 9)
    >>> paired_by_likeness(b, {"V1": ("V2", 0.9), "V2": ("V1", 0.9)}).vectors.tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    order = [b.leads.index(moved[lead][0] if lead in moved else lead) for lead in b.leads]
    return replace(b, vectors=b.vectors[order], quality=b.quality[order])


def _vectors(template: Template, leads: list[str]) -> NDArray[np.float64]:
    """Return the template of each lead at unit length, shape (n_leads, dim)."""
    rows = np.stack([template.vectors[template.leads.index(lead)] for lead in leads]).astype(np.float64)
    found: NDArray[np.float64] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found
