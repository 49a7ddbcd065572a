"""`change`: measurements of a person's baseline and of now, each against what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.changes._align import shifts
from sigsimnet.changes._result import Change, Difference
from sigsimnet.changes._usual import alike_share, overall_limit, usual_difference
from sigsimnet.channels import lead_name
from sigsimnet.comparison import same_samples
from sigsimnet.delineation import QT_FORMULAS, Measurements, measure
from sigsimnet.errors import ParameterError, SigSimNetError
from sigsimnet.io import as_recording, is_many
from sigsimnet.model import SigSimNet, load_model

if TYPE_CHECKING:
    from sigsimnet.recording import Recording

__all__ = ["RHYTHM", "change", "differences_of", "strangeness"]

RHYTHM = ("heart rate", "RR irregularity")
_SHAPE = (
    "PR", "P", "QRS", "QTc fridericia", "QRS axis", "T axis", "QRS-T angle",
    "P amplitude", "R amplitude", "S amplitude", "T amplitude", "ST at J+80", "T symmetry",
)  # fmt: skip
"""What the verdict looks at: QT by the rate of the record, one of both ST levels."""
_DISAGREE = 30.0  # ms between a lag and the difference of both delineations
_FEWEST_BEATS = 6
_P_THERE, _P_GONE = 0.7, 0.3  # share of beats with a P wave


def change(
    baselines: Any,
    now: Any,
    *,
    model: SigSimNet | str | Path | None = "ecg",
    channels: Sequence[str] | str | None = None,
) -> Change:
    """Say what changed in a person's ECG since the baseline, and whether it is more than usual.

    Both sides are measured (`sigsimnet.measure`). Each difference is set against what is usual between two records of
    one person who has not changed: with three or more baselines the person's own spread counts beside the table of
    other people's repeated records, else the table alone. Rhythm is told apart from shape, and QT is corrected for the
    rate (Fridericia).

    Parameters
    ----------
    baselines : Recording, path, (array, sampling_rate), …, or a list of them
        Earlier records of the person.
    now : Recording, path, (array, sampling_rate), …
    model : SigSimNet, path, str or None, default "ecg"
        For the similarity of the beats as a whole; None leaves it out.
    channels : sequence of str or str, optional
        Leads; all ECG leads that both sides have without it.

    Returns
    -------
    Change

    Raises
    ------
    SignalError, ReadError, MissingExtraError
        If a record cannot be read or has no ECG or beats, or openecg is not installed.

    Notes
    -----
    It does not ask whether both sides are one person (`sigsimnet.compare`), and it is no diagnosis.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import simulate
    >>> first, second = simulate(1, 2, duration=20, seed=3)
    >>> change(first, second, model=None).verdict != ""
    True
    """
    earlier = [as_recording(one) for one in (list(baselines) if is_many(baselines) else [baselines])]
    if not earlier:
        raise ParameterError("a change needs at least one baseline")
    new = as_recording(now)
    measured = [measure(one, channels=channels) for one in earlier]
    of_now = measure(new, channels=channels)
    same_day = _of_one_day([*earlier, new])
    found = differences_of(measured, of_now, same_day=same_day)
    notes = [note for one in (*measured, of_now) for note in one.warnings]
    score, share = _likeness(earlier, new, model, notes, same_day=same_day)
    rhythm = [one.in_words() for one in found if one.kind == "rhythm" and one.level == "rare"]
    rhythm += _p_waves(measured, of_now)
    reasons = _in_words(found)
    few = [one for one in (*measured, of_now) if _usual_beats(one) < _FEWEST_BEATS]
    copies = [one for one in earlier if _is_copy(one, new)]
    if copies:
        verdict = "cannot tell"
        names = ", ".join(one.source or "a baseline" for one in copies)
        reasons.insert(0, f"{names} and the new record hold the same samples: they are one record, name another")
    elif few:
        verdict = "cannot tell"
        names = ", ".join(one.delineation.source or "a recording" for one in few)
        reasons.insert(0, f"fewer than {_FEWEST_BEATS} usual beats in {names}: a longer record would help")
    elif strangeness(found) > overall_limit() or rhythm:
        verdict = "changed"
    elif strangeness(found) > 1:
        verdict = "perhaps changed"
    else:
        verdict = "no change beyond the usual"
    return Change(
        found, verdict, tuple(reasons), tuple(rhythm), score, share, tuple(measured), of_now, (*earlier, new),
        same_day=same_day, warnings=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def differences_of(
    baselines: Sequence[Measurements], now: Measurements, *, same_day: bool, align: bool = True
) -> tuple[Difference, ...]:
    """Return every measurement that either side has, before and now.

    Leads are known by their standard names where they have one, so that ``MLII`` meets ``II``.

    Parameters
    ----------
    baselines : sequence of Measurements
    now : Measurements
    same_day : bool
        Whether all records are known to be of one day.
    align : bool, default True
        Whether PR and QT are compared by laying typical beats over one another, where those fit.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import measure, simulate
    >>> before, now = (measure(one) for one in simulate(1, 2, duration=20, seed=3))
    >>> differences_of([before], now, same_day=False)[0].name
    'heart rate'
    """
    before = [_by_name(one) for one in baselines]
    after = _by_name(now)
    both = [shifts(one, now) for one in baselines]
    lags = {name: _median([one[name] for one in both]) for name in ("PR", "QT")}
    rr = tuple(60 / _median([one["heart rate", ""].value for one in side]) for side in (before, [after]))
    found = []
    for key in dict.fromkeys([*(key for one in before for key in one), *after]):
        name, channel = key
        if channel and not (key in after and any(key in one for one in before)):
            continue  # a lead that one side lacks is no change
        units = {one[key].unit for one in (*before, after) if key in one}
        if len(units) > 1:
            continue  # mV against a number without unit
        values = [one[key].value if key in one else np.nan for one in before]
        known = [value for value in values if np.isfinite(value)]
        own = float(_middle(name, known)) if known else np.nan
        latest = after[key].value if key in after else np.nan
        aligned = _aligned(name, own, rr, lags) if align else None
        if aligned is not None and not abs(aligned - latest) <= _DISAGREE:
            aligned = None  # a wave that fits somewhere else by chance
        latest = latest if aligned is None else aligned
        step = latest - own
        if name.endswith("axis"):
            step = (step + 180) % 360 - 180
        spreads = [one[key].spread for one in before if key in one]
        spread = float(np.hypot(_mean(spreads), _mean([after[key].spread] if key in after else [])))
        if aligned is not None:
            spread = 0.0  # the typical beats were laid over one another: single beats have no say
        usual = usual_difference(name, channel, known, spread=spread, same_day=same_day, aligned=aligned is not None)
        if np.isnan(step):
            level = "missing" if np.isfinite(own) != np.isfinite(latest) else "unknown"
        elif np.isnan(usual.difference):
            level = "unknown"
        else:
            level = "rare" if abs(step) > usual.rare else "unusual" if abs(step) > usual.difference else "usual"
        kind = "rhythm" if name in RHYTHM else "shape"
        found.append(
            Difference(
                name,
                channel,
                units.pop() if units else "",
                own,
                float(latest),
                float(step),
                usual.difference,
                usual.rare,
                level,
                usual.source,
                kind,
                spread,
                aligned=aligned is not None,
            )
        )
    return tuple(found)


def strangeness(differences: Sequence[Difference]) -> float:
    """Return how far the strangest shape measurement is beyond the usual: 1 is at its edge.

    Of a measurement of several leads the second strangest lead counts, since one lead may hang loose.

    Examples
    --------
    >>> strangeness([])
    0.0
    """
    ratios: dict[str, list[float]] = {}
    for one in differences:
        if one.name in _SHAPE and np.isfinite(one.difference) and one.usual > 0:
            ratios.setdefault(one.name, []).append(abs(one.difference) / one.usual)
    return max((sorted(own)[-2 if len(own) > 2 else -1] for own in ratios.values()), default=0.0)


def _in_words(differences: Sequence[Difference]) -> list[str]:
    """Return a sentence for each measurement of shape that is beyond the usual, the strangest first and in one lead."""
    beyond: dict[str, list[Difference]] = {}
    for one in sorted(
        (one for one in differences if one.name in _SHAPE and one.level in {"unusual", "rare"}),
        key=lambda one: -abs(one.difference) / one.usual,
    ):
        beyond.setdefault(one.name, []).append(one)
    sentences = []
    for first, *others in beyond.values():
        also = f"; also in {', '.join(one.channel for one in others)}" if others else ""
        sentences.append(first.in_words() + also)
    return sentences


def _by_name(measured: Measurements) -> dict[tuple[str, str], Any]:
    return {(one.name, (lead_name(one.channel)) if one.channel else ""): one for one in measured.items}


def _middle(name: str, values: list[float]) -> float:
    """Return the median; of angles around their mean direction."""
    if not name.endswith("axis"):
        return float(np.median(values))
    return float(np.degrees(np.angle(np.exp(1j * np.radians(values)).mean())))


def _aligned(name: str, before: float, rr: tuple[float, ...], lags: dict[str, float]) -> float | None:
    """Return PR, QT or a corrected QT now, by how much later the wave comes; None where alignment does not tell."""
    what = "QT" if name.startswith("QT") else name
    if what not in lags or not np.isfinite(lags[what]) or not np.isfinite(before):
        return None
    if not name.startswith("QTc"):
        return before + lags[what]
    correct = QT_FORMULAS[name.partition(" ")[2]]
    # From the corrected interval back to the measured one: all four corrections are rising functions of QT.
    low, high = 0.0, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if correct(middle, rr[0]) < before / 1000 else (low, middle)
    return float(correct(low + lags[what] / 1000, rr[1]) * 1000)


def _median(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _mean(spreads: list[float]) -> float:
    known = [spread for spread in spreads if np.isfinite(spread)]
    return float(np.mean(known)) if known else 0.0


def _usual_beats(measured: Measurements) -> int:
    return sum(kind == "usual" for kind in measured.delineation.kinds)


def _is_copy(baseline: Recording, new: Recording) -> bool:
    """Return whether a channel that both have holds the same samples."""
    leads = {lead_name(name): name for name in baseline.channel_names}
    shared = [(leads[lead_name(name)], name) for name in new.channel_names if lead_name(name) in leads]
    return any(same_samples(baseline, new, pair) is not None for pair in shared[:1])


def _of_one_day(recordings: Sequence[Recording]) -> bool:
    days = {one.start_time.date() if one.start_time is not None else None for one in recordings}
    return len(days) == 1 and None not in days


def _p_waves(baselines: Sequence[Measurements], now: Measurements) -> list[str]:
    """Say that P waves came or went: atrial fibrillation or flutter, or their end."""
    before = [_share_of_p(one) for one in baselines]
    after = _share_of_p(now)
    if (min(before) >= _P_THERE and after <= _P_GONE) or (max(before) <= _P_GONE and after >= _P_THERE):
        return [f"a P wave was found before {np.median(before):.0%} of the QRS complexes, now before {after:.0%}"]
    return []


def _share_of_p(measured: Measurements) -> float:
    found = measured.delineation
    return float(np.median([found.share_found(name)["P"] for name in found.channel_names]))


def _likeness(
    earlier: Sequence[Recording],
    new: Recording,
    model: SigSimNet | str | Path | None,
    notes: list[str],
    *,
    same_day: bool,
) -> tuple[float, float]:
    """Return the similarity of the beats, and the share of pairs of one unchanged person that are less alike."""
    if model is None:
        return float("nan"), float("nan")
    network = model if isinstance(model, SigSimNet) else load_model(model)
    try:
        first, second = network.enrol(list(earlier)), network.enrol(new)
        score = float(np.asarray(network.similarity(first, second)).ravel()[0])
        n_leads = len(set(first.leads) & set(second.leads))
    except SigSimNetError as error:
        notes.append(f"the beats were not compared as a whole: {error}")
        return float("nan"), float("nan")
    return score, alike_share(score, n_leads, same_day=same_day)
