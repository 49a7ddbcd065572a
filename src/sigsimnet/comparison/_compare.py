"""`compare`: two recordings, one answer, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sigsimnet.channels import is_ecg_name
from sigsimnet.comparison._channels import NothingToCompareError, about_channels, common_channels, common_leads
from sigsimnet.comparison._never_shown import never_shown
from sigsimnet.comparison._pairing import exchanged_leads, paired_by_likeness
from sigsimnet.comparison._result import Comparison
from sigsimnet.comparison._same_samples import SameSamples, same_samples
from sigsimnet.comparison._stretches import stretches_of
from sigsimnet.errors import SignalError
from sigsimnet.io import as_recording, is_many
from sigsimnet.model import Embedded, SigSimNet, bundled_models, decide, fuse, load_model, n_independent
from sigsimnet.recording import Recording
from sigsimnet.segments import MIN_GOOD_FRACTION, Segments, standard_leads, why_no_segments, with_limb_leads
from sigsimnet.signal_quality import amplitude_warnings

__all__ = ["compare"]


def compare(
    a: Any,
    b: Any,
    *,
    model: SigSimNet | str | Path = "ecg",
    channel_a: str | None = None,
    channel_b: str | None = None,
    min_good_fraction: float = MIN_GOOD_FRACTION,
) -> Comparison:
    """Compare two recordings.

    Where both are ECGs with several standard leads in common, the model of one lead looks at all of them, and the score
    is fused over leads (`SigSimNet.enrol`).

    Parameters
    ----------
    a, b : Recording, path, (array, sampling_rate), or whatever else `sigsimnet.as_recording` takes
        Of ``a`` also a list: several recordings of one person, enrolled together.
    model : SigSimNet, path or str, default "ecg"
        A model, its folder, or the name of one in the package.
    channel_a, channel_b : str, optional
        Channel of either side, for models of one channel. By default all standard leads that both have, else the
        first (ECG) channel that both have; two recordings of a single channel each are compared whatever their names,
        which is said among the reasons.
    min_good_fraction : float, default 0.5
        Share of a beat (window) that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`); 0
        keeps all. Where too few are left on a side, the score is of all, and the verdict is *cannot tell*.

    Returns
    -------
    Comparison

    Raises
    ------
    SignalError
        If a channel that was named is not there, or the channels are not those of the model. Where there is nothing to
        compare (no common channel, no beats or windows on a side) the verdict is *cannot tell*, without a score.
    ModelError, ReadError
        If the model or a file cannot be loaded.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> first, second = simulate(1, 2, duration=20, seed=1)
    >>> compare(first, second).verdict in ("same", "different", "cannot tell")
    True
    """
    network = model if isinstance(model, SigSimNet) else load_model(model)
    enrolled = [as_recording(one) for one in (list(a) if is_many(a) else [a])]
    if not enrolled:
        raise SignalError("an enrolment takes at least one recording")
    probe = as_recording(b)
    leads: tuple[str, ...] = ()
    if not (channel_a or channel_b):
        shared = [common_leads(one, probe, network) for one in enrolled]
        leads = tuple(lead for lead in shared[0] if all(lead in others for others in shared[1:]))
    try:
        pairs = [
            (leads, leads) if leads else common_channels(one, probe, network, channel_a, channel_b) for one in enrolled
        ]
        sides = [
            _embedded(network, one, names, leads, min_good_fraction)
            for one, (names, _) in zip(enrolled, pairs, strict=True)
        ]
        side_b, n_good_b = _embedded(network, probe, pairs[0][1], leads, min_good_fraction)
    except NothingToCompareError as error:
        return _no_answer(network, enrolled, probe, str(error), min_good_fraction)
    side_a, n_good_a = fuse([side for side, _ in sides]), sum(good for _, good in sides)
    score = network.score(side_a, side_b)
    found = network.lead_scores(side_a, side_b)
    probability = network.probability(
        score, n_segments=min(len(side_a), len(side_b)), n_leads=n_independent(tuple(found))
    )
    cut_a, cut_b = side_a.segments, side_b.segments
    turned_over = None
    if cut_a.polarity * cut_b.polarity < 0:
        other, _ = _embedded(network, probe.replace(data=-probe.data), pairs[0][1], leads, min_good_fraction)
        turned_over = network.probability(
            network.score(side_a, other), n_segments=min(len(side_a), len(other)), n_leads=n_independent(tuple(found))
        )
    verdict, reasons = decide(
        network.card, score, probability, cut_a, cut_b, (n_good_a, n_good_b), found, turned_over=turned_over
    )
    moved = {}
    if network.head == "cosine" and found:
        template_a, template_b = network.template_of(side_a), network.template_of(side_b)
        moved = exchanged_leads(template_a, template_b, found)
    if moved:
        said = ", ".join(f"{lead} of A is like {other} of B ({score:.2f})" for lead, (other, score) in moved.items())
        by_likeness = network.probability(
            float(network.similarity(template_a, paired_by_likeness(template_b, moved))[0, 0]),
            n_segments=min(len(side_a), len(side_b)),
            n_leads=n_independent(tuple(found)),
        )
        paired = "" if by_likeness is None else f"; paired so, the probability is {by_likeness:.3f}"
        reasons = (f"{said}: electrodes may be swapped{paired}", *reasons)
        verdict = "cannot tell" if verdict == "different" else verdict
    if network.name in bundled_models() and network.card.same == "subject":  # of others we do not know
        doubts = tuple(dict.fromkeys(doubt for one in enrolled for doubt in never_shown(one, probe)))
        verdict, reasons = ("cannot tell" if doubts else verdict), (*doubts, *reasons)
    alike = _one_recording(enrolled, probe, pairs)
    if alike is not None:
        reasons = (alike.in_words(), *reasons)
        verdict = "same" if probability is not None else verdict
    agreement_a, agreement_b = network.agreement(side_a, side_b)
    return Comparison(
        score=score,
        probability=probability,
        verdict=verdict,
        reasons=reasons,
        protocol=_protocol(network) | {"min_good_fraction": min_good_fraction, "n_enrolled": len(enrolled)},
        a=cut_a,
        b=cut_b,
        n_good=(n_good_a, n_good_b),
        agreement_a=agreement_a,
        agreement_b=agreement_b,
        leads=found,
        same_samples=alike,
        stretches=stretches_of(network, [side for side, _ in sides], side_b),
        warnings=(
            *(warning for one in (*enrolled, probe) for warning in one.warnings),
            *about_channels(network, () if leads else pairs),
            *(doubt for one in enrolled for doubt in _questions(one, cut_a)),
            *_questions(probe, cut_b),
        ),
    )


def _no_answer(
    network: SigSimNet, enrolled: list[Recording], probe: Recording, reason: str, min_good_fraction: float
) -> Comparison:
    """Return *cannot tell* without a score."""
    nothing = np.empty((0, 1, 1), dtype=np.float32)
    a, b = (
        Segments(
            nothing,
            network.cutter.sampling_rate,
            np.empty(0),
            np.empty(0),
            network.cutter.kind,
            one.channel_names,
            source=one.source,
        )
        for one in (enrolled[0], probe)
    )
    return Comparison(
        score=float("nan"),
        probability=None,
        verdict="cannot tell",
        reasons=(reason,),
        protocol=_protocol(network) | {"min_good_fraction": min_good_fraction, "n_enrolled": len(enrolled)},
        a=a,
        b=b,
        agreement_a=np.empty(0),
        agreement_b=np.empty(0),
        warnings=tuple(warning for one in (*enrolled, probe) for warning in one.warnings),
    )


def _one_recording(
    enrolled: list[Recording], probe: Recording, pairs: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> SameSamples | None:
    """Return what a recording of the enrolment and the probe have in common, where they hold the same samples."""
    for one, (of_one, of_probe) in zip(enrolled, pairs, strict=True):
        known, known_probe = standard_leads(one), standard_leads(probe)
        for mine, other in zip(of_one, of_probe, strict=True):
            names = (known.get(mine, mine), known_probe.get(other, other))
            if names[0] in one.channel_names and names[1] in probe.channel_names:
                if (found := same_samples(one, probe, names)) is not None:
                    return found
                break  # one channel tells
    return None


def _embedded(
    network: SigSimNet,
    recording: Recording,
    names: tuple[str, ...],
    leads: tuple[str, ...],
    min_good_fraction: float,
) -> tuple[Embedded, int]:
    """Return the segments to compare with their embeddings, and how many of them are good.

    They are the good ones, or all where too few are good for an answer; of several leads those that both sides
    have. Filter, quality and encoder run once.

    Raises
    ------
    NothingToCompareError
        If there are no segments at all.
    """
    channels = None if leads else network.channels_of(recording, names)
    try:
        every, good = network.cut_good(recording, channels, min_good_fraction=min_good_fraction)
    except SignalError as error:  # all missing, too short, too slow
        raise NothingToCompareError(str(error)) from error
    if leads and every.cut_apart:
        every, good = every.pick(leads), replace(good.pick(leads), reject_reasons=good.reject_reasons)
    if not len(every):
        looked_at = with_limb_leads(recording) if leads else recording.pick(list(names))
        why = why_no_segments(looked_at, every, network.cutter)
        raise NothingToCompareError(f"{recording.source or 'recording'}: {why}")
    enough = len(good) >= max(1, network.card.min_segments)
    return network.embed(good if enough else replace(every, reject_reasons=good.reject_reasons)), len(good)


def _questions(recording: Recording, segments: Segments) -> tuple[str, ...]:
    """Return doubts about the units of the channels that were compared, and what is not known of them."""
    known = standard_leads(recording) if segments.cut_apart else {}
    names = [known.get(name, name) for name in segments.channel_names]
    names = [name for name in names if name in recording.channel_names]
    where = f"{recording.source}: " if recording.source else ""
    if segments.kind != "beats":
        return ()
    found = [where + warning for warning in amplitude_warnings(recording.pick(names), "ecg")]
    unnamed = [name for name in names if not is_ecg_name(name)]
    if unnamed:
        found.append(f"{where}{', '.join(unnamed)}: the name does not say what it is; it was taken for an ECG")
    return tuple(found)


def _protocol(network: SigSimNet) -> dict[str, Any]:
    card = network.card
    return {
        "same": card.same,
        "model": network.name,
        "encoder": network.encoder,
        "head": network.head,
        "segments": network.cutter.kind,
        "fusion": network.fusion,
        "normalisation": network.normalisation,
        "trained_on": card.trained_on,
        "calibrated_on": card.calibrated_on or None,
        "prior": 0.5,
        "same_above": card.same_above,
        "different_below": card.different_below,
        "thresholds_at_far": dict(card.thresholds),
        "min_segments": card.min_segments,
    }
