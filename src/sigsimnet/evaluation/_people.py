"""Figures that no single person decides, and where errors lie: by heart rate and by days apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sigsimnet.evaluation.protocols import Items
from sigsimnet.evaluation.sessions import days_of, session_keys
from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import eer

__all__ = ["Strata", "figures_of_people", "strata_of"]

Floats = NDArray[np.float64]
Strata: TypeAlias = tuple[dict[str, str | int | float], ...]
RATE_BANDS = ((0.0, 0.1), (0.1, 0.28), (0.28, np.inf))  # of the lower heart rate
DAY_BANDS = ((0, 0), (1, 7), (8, 30), (31, 365), (366, np.inf))
_DATE = 2  # kind of a session key that is a date


def figures_of_people(scores: Floats, trials: Trials) -> dict[str, float | int]:
    """Return error rates in which people weigh alike.

    Returns
    -------
    dict
        ``macro_eer``: the EER when all genuine trials of a person together weigh as much as those of another, and all
        impostor trials of two people as much as those of two others. ``one_pair_eer``: of the first genuine trial of
        each person, and of the first impostor trial of each two. ``n_genuine_people``: whose genuine trials there are.
    """
    number = np.unique(np.asarray(trials.people), return_inverse=True)[1]
    left, right = number[trials.enrol], number[trials.probe]
    pair = np.minimum(left, right) * (number.max() + 1) + np.maximum(left, right)
    genuine = trials.genuine
    # Where *same* is the label, two people have genuine trials and others: each kind weighs by itself.
    _, first, kind, count = np.unique(2 * pair + genuine, return_index=True, return_inverse=True, return_counts=True)
    return {
        "macro_eer": float(eer(scores, genuine, 1.0 / count[kind])),
        "one_pair_eer": float(eer(scores[first], genuine[first])),
        "n_genuine_people": len({*left[genuine].tolist(), *right[genuine].tolist()}),
    }


def strata_of(methods: Mapping[str, Floats], trials: Trials, items: Items) -> Strata:
    """Return the EER of genuine trials by difference in heart rate and by days apart, against all impostor trials.

    Genuine trials of a person weigh together as much as those of another. A row holds ``by``, ``band``, ``genuine``
    (trials), ``people``, and the EER of each method.
    """
    rates = np.array([one.heart_rate for one in items.segments], dtype=np.float64)
    left, right = rates[trials.enrol], rates[trials.probe]
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.maximum(left, right) / np.minimum(left, right) - 1.0
    found = _rows("heart rate", apart, RATE_BANDS, "{:.0f} %", 100, methods, trials)
    days = np.array([_day_of(key) for key in days_of(session_keys(items.entries))])
    return tuple(
        found + _rows("days", np.abs(days[trials.probe] - days[trials.enrol]), DAY_BANDS, "{:.0f}", 1, methods, trials)
    )


def _day_of(key: tuple[int, tuple[tuple[int, float, str], ...]]) -> float:
    """Return the number of a day; NaN of sessions that are no dates."""
    return key[1][0][1] if key[0] == _DATE else float("nan")


def _rows(
    by: str,
    values: Floats,
    bands: Sequence[tuple[float, float]],
    form: str,
    times: int,
    methods: Mapping[str, Floats],
    trials: Trials,
) -> list[dict[str, str | int | float]]:
    found: list[dict[str, str | int | float]] = []
    for low, high in bands:
        inside = (values >= low) & ((values <= high) if by == "days" else (values < high))
        kept = ~trials.genuine | inside
        n = int((trials.genuine & inside).sum())
        if not n:
            continue
        people = trials.people_a[trials.genuine & inside]
        _, owner, count = np.unique(people, return_inverse=True, return_counts=True)
        weights = np.ones(len(trials))
        weights[trials.genuine & inside] = 1.0 / count[owner]
        name = form.format(times * low)
        if high != low:
            name = (
                f"{name} and more"
                if high == np.inf
                else f"{form.format(times * low).split(' ')[0]}–{form.format(times * high)}"
            )
        row: dict[str, str | int | float] = {"by": by, "band": name, "genuine": n, "people": len(count)}
        found.append(
            row
            | {
                method: float(eer(scores[kept], trials.genuine[kept], weights[kept]))
                for method, scores in methods.items()
            }
        )
    return found
