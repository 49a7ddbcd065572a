"""From a probability to *same*, *different* or *cannot tell*, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sigsimnet.channels import lead_name
from sigsimnet.model import Card
from sigsimnet.segments import Segments

__all__ = ["decide"]

MIN_CORRELATION = 0.5  # of beats with their own median beat (median): white noise has 0.2, clean ECG 0.95 and more
FEW = 20  # people; fewer carry a probability to hardly more than its first digit
WHAT = {"subject": "from the same person", "label": "of the same kind", "recording": "from the same recording"}
WHAT["view"] = WHAT["recording"]  # what a model that learnt from views is calibrated on


def decide(
    card: Card,
    score: float,
    probability: float | None,
    a: Segments,
    b: Segments,
    n_good: tuple[int, int] | None = None,
    leads: Mapping[str, float] | None = None,
    turned_over: float | None = None,
) -> tuple[str, tuple[str, ...]]:
    """Return the verdict and the sentences that it rests on.

    Parameters
    ----------
    card : Card
        Of the model: its thresholds, and what it asks of either side.
    score, probability : float
        Of the pair; None where the model is not calibrated.
    a, b : Segments
        What was compared.
    n_good : (int, int), optional
        Segments of either side in seconds of good quality; all by default.
    leads : mapping of str to float, optional
        Score of each lead, where several were compared together.
    turned_over : float, optional
        Probability with one side turned over, where R waves point up on one side and down on the other.

    Returns
    -------
    verdict : str
        ``"same"``, ``"different"`` or ``"cannot tell"``.
    reasons : tuple of str

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> model = load_model("ecg")
    >>> a, b = (model.cut(recording) for recording in simulate(1, 2, duration=20, seed=1))
    >>> decide(model.card, 0.98, 0.99, a, b)[0]
    'same'
    """
    enough = n_good or (len(a), len(b))
    sides = (("A", a, enough[0]), ("B", b, enough[1]))
    doubts = [doubt for side in sides if (doubt := _doubt_of(card, *side))]
    same = WHAT.get(card.same, "the same")
    counts = f"{len(a)} and {len(b)} {a.kind}"
    notes: list[str] = []
    if not card.same:
        doubts.append("the model was never trained")
    elif probability is None:
        doubts.append("the model is not calibrated, so its score has no probability")
    else:
        notes.append(f"score {score:.3f} of {counts}: probability {probability:.3f} that they are {same}, at even odds")
        notes += _by_lead(leads) if leads else _accepted_at(card, score)
    notes += [note for side in sides for note in _left_out(card, *side)]
    if probability is not None and 0 < card.n_calibrated < FEW:
        notes.append(f"the probability is rough: it was calibrated on {card.n_calibrated} people")
    if a.polarity * b.polarity < 0:
        remark = f"{'R' if a.kind == 'beats' else 'pulse'} waves point up in one and down in the other"
        if turned_over is None or probability is None:
            doubts.append(f"{remark}: electrodes may be swapped")
        elif max(probability, turned_over) <= card.different_below:
            notes.append(f"{remark}; turned over the probability is {turned_over:.3f}: different either way")
        else:
            doubts.append(
                f"{remark}: electrodes may be swapped; with one turned over the probability is {turned_over:.3f}"
            )
    if _leads(a) != _leads(b) and a.kind == "beats" and probability is not None:
        remark = f"channels have different names ({', '.join(a.channel_names)} and {', '.join(b.channel_names)})"
        # Another lead makes two people of one; it does not make one of two.
        (doubts if probability <= card.different_below else notes).append(f"{remark}: another lead looks different")
    if doubts or probability is None:
        return "cannot tell", tuple(doubts + notes)
    if probability >= card.same_above:
        return "same", tuple(notes)
    if probability <= card.different_below:
        return "different", tuple(notes)
    between = f"between {card.different_below:g} and {card.same_above:g} the answer is open"
    return "cannot tell", (f"probability {probability:.3f}: {between}", *notes)


def _doubt_of(card: Card, side: str, segments: Segments, good: int) -> str:
    """Return why the segments of a side carry no answer; empty when they do."""
    least = f"at least {card.min_segments} carry an answer"
    if len(segments) < card.min_segments:
        return f"{side} has {len(segments)} {segments.kind}, {least}"
    if good < card.min_segments:
        seen = f"{good} of {len(segments)} {segments.kind} of {side} lie in good seconds{_because(segments)}"
        return f"{seen}, {least}; the score is of all"
    if segments.kind != "windows" and (quality := float(np.median(segments.quality))) < MIN_CORRELATION:
        return (
            f"the {segments.kind} of {side} hardly resemble each other (median correlation {quality:.2f}, at least "
            f"{MIN_CORRELATION} carries an answer)"
        )
    return ""


def _left_out(card: Card, side: str, segments: Segments, good: int) -> list[str]:
    """Return what was left out of a side."""
    notes = []
    whole = len(segments) + segments.n_low_quality + segments.n_rejected
    if segments.n_low_quality and good >= card.min_segments:
        count = f"{segments.n_low_quality} of {whole} {segments.kind} of {side}"
        notes.append(f"{count} were left out: seconds of low quality{_because(segments)}")
    if segments.n_rejected > 0.2 * whole:
        notes.append(f"{segments.n_rejected} of {whole} {segments.kind} of {side} were left out beside gaps or borders")
    return notes


def _leads(segments: Segments) -> tuple[str, ...]:
    return tuple(lead_name(name) for name in segments.channel_names)


def _by_lead(leads: Mapping[str, float]) -> list[str]:
    """Return which leads agree most and least."""
    order = sorted(leads, key=leads.__getitem__)
    ends = order if len(order) < 4 else [order[0], order[1], order[-1]]
    shown = ", ".join(f"{name} {leads[name]:.3f}" for name in ends)
    what = "" if len(order) < 4 else "; lowest, next and highest:"
    return [f"fused over {len(order)} leads{what or ':'} {shown}"]


def _because(segments: Segments) -> str:
    return f" ({', '.join(segments.reject_reasons)})" if segments.reject_reasons else ""


def _accepted_at(card: Card, score: float) -> list[str]:
    """Return a sentence on the strictest false accept rate at which this score would be accepted."""
    if not card.thresholds:
        return []
    rates = sorted(card.thresholds, key=float)
    for rate in rates:
        if score >= card.thresholds[rate]:
            return [
                f"at or above {card.thresholds[rate]:.3f}, which {100 * float(rate):g} % of the impostor pairs of the "
                "calibration reached"
            ]
    loosest = rates[-1]
    return [
        f"below {card.thresholds[loosest]:.3f}, which {100 * float(loosest):g} % of the impostor pairs of the "
        "calibration reached"
    ]
