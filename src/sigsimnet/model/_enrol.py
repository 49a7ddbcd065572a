"""Leads together: what a model of one lead makes of recordings that have several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.channels import lead_name
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io import as_recording, is_many
from sigsimnet.model._embed import Embeddable, Embedder
from sigsimnet.model._embedded import Embedded
from sigsimnet.model._template import Template, fused
from sigsimnet.recording import Recording
from sigsimnet.segments import (
    MIN_GOOD_FRACTION,
    BeatCutter,
    Segments,
    cut_by_quality,
    cut_leads,
    standard_leads,
    why_no_segments,
    with_limb_leads,
)

__all__ = ["Enroller"]


class Enroller(Embedder):
    """Makes templates of recordings, lead by lead; `SigSimNet` also scores and learns."""

    @property
    def takes_leads(self) -> bool:
        """Whether this model of one lead compares all leads that two recordings share: with beats and cosines."""
        return (
            isinstance(self.cutter, BeatCutter)
            and self.n_channels == 1
            and not self.cutter.extra_channels
            and self.head == "cosine"
            and self.fusion != "attention"
            and self.normalisation == "none"
            and not (self.channels_ or self.channels)
        )

    def leads_of(self, recording: Recording, channels: Sequence[str] | str | None = None) -> tuple[str, ...]:
        """Return the channels that are compared: all standard leads where this model takes several, else its own.

        Raises
        ------
        SignalError
            As `channels_of`.
        """
        named = tuple(standard_leads(recording).values())
        if channels or not self.takes_leads or len(named) < 2:
            return self.channels_of(recording, channels)
        return named

    def cut_good(
        self,
        recording: Recording,
        channels: Sequence[str] | str | None = None,
        *,
        min_good_fraction: float = MIN_GOOD_FRACTION,
    ) -> tuple[Segments, Segments]:
        """Return all segments that this model would compare, and those in good seconds.

        Of several leads the beats are cut lead by lead (`sigsimnet.segments.cut_leads`), under the leads' standard
        names; all limb leads are there where two were recorded.

        Raises
        ------
        SignalError, ParameterError
            As `channels_of` and `sigsimnet.segments.cut_leads`.
        """
        names = self.leads_of(recording, channels)
        chosen = recording.pick(list(names))
        if len(names) > 1 and isinstance(self.cutter, BeatCutter) and self.takes_leads:
            return cut_leads(with_limb_leads(chosen), self.cutter, min_good_fraction=min_good_fraction)
        every, good = cut_by_quality(chosen, self.cutter, min_good_fraction=min_good_fraction)
        return self._with_channels(every), self._with_channels(good)

    def enrol(
        self,
        what: Embeddable | list[Embeddable],
        channels: Sequence[str] | str | None = None,
        *,
        min_good_fraction: float = MIN_GOOD_FRACTION,
    ) -> Template:
        """Return the template of a recording; of a list of recordings of one person, of all of them together.

        Parameters
        ----------
        what : Recording, path, (array, sampling_rate), DataFrame, Embedded, or a list of these
            Several recordings of a person, best of several days, make a template that holds better than one does.
        channels : str or sequence of str, optional
            Look at this channel only; by default at all standard leads.
        min_good_fraction : float, default 0.5
            Share of a beat that must lie in seconds of good quality; where fewer than ``card.min_segments`` do, all
            are used.

        Returns
        -------
        Template
            For `similarity`.

        Raises
        ------
        SignalError
            If a recording has no segments.
        ParameterError
            If this model's head does not compare templates.

        Examples
        --------
        >>> from sigsimnet import load_model, simulate
        >>> monday, friday = simulate(1, 2, duration=20, seed=1)
        >>> load_model("ecg").enrol([monday, friday])
        <Template I: 46 segments of 2 recordings>
        """
        if self.head != "cosine":
            raise ParameterError(f"head {self.head!r} compares segments: only the cosine head has templates")
        if not isinstance(what, Embedded | Segments) and is_many(what):
            every = list(what)
            if not every:
                raise ParameterError("an enrolment takes at least one recording")
            return Template.of_several(
                [self.enrol(one, channels, min_good_fraction=min_good_fraction) for one in every]
            )
        if isinstance(what, Embedded | Segments):
            return self.template_of(self._embed_one(what))
        recording = as_recording(what)
        whole, good = self.cut_good(recording, channels, min_good_fraction=min_good_fraction)
        chosen = good if len(good) >= max(1, self.card.min_segments) else whole
        if not len(chosen):
            raise SignalError(f"{recording.source or 'recording'}: {why_no_segments(recording, whole, self.cutter)}")
        return self.template_of(self._embed_one(chosen))

    def template_of(self, embedded: Embedded) -> Template:
        """Return the template of segments that are embedded, lead by lead."""
        segments, scoring = embedded.segments, self.scoring(normalised=False)
        if not segments.cut_apart:
            names = segments.channels_cut(self.cutter)
            lead = lead_name(names[0]) if len(names) == 1 and segments.kind == "beats" else ""
            vector = scoring.template(embedded.embeddings, embedded.quality)[None]
            weight = np.array([float(embedded.quality.mean())])
            return Template((lead or "+".join(names),), vector, weight, len(segments), (segments.source,))
        vectors, quality, leads = [], [], []
        for k, name in enumerate(segments.channel_names):
            own = segments.channel_quality[:, k]
            if own.any():
                vectors.append(scoring.template(embedded.embeddings[:, k], own))
                quality.append(float(own[own > 0].mean()))
                leads.append(lead_name(name))
        if not leads:
            raise SignalError(f"{segments.source or 'recording'}: has no segments in any lead")
        most = int((segments.channel_quality > 0).sum(axis=0).max())
        return Template(tuple(leads), np.stack(vectors), np.array(quality), most, (segments.source,))

    def lead_scores(self, a: Embedded, b: Embedded) -> dict[str, float]:
        """Return the score of each lead of two recordings by itself; empty where leads are not compared together."""
        if not any_apart([a, b]):
            return {}
        left, right = self.template_of(a), self.template_of(b)
        return {
            lead: float(left.vectors[k] @ right.vectors[right.leads.index(lead)])
            for k, lead in enumerate(left.leads)
            if lead in right.leads
        }

    def agreement_of_leads(self, one: Embedded, other: Template) -> NDArray[np.float64]:
        """Return the fused score of each segment against a template, over the leads that both have."""
        segments = one.segments
        apart = segments.cut_apart
        embeddings = one.embeddings if apart else one.embeddings[:, None]
        quality = segments.channel_quality if apart else segments.quality[:, None]
        leads = [lead_name(name) for name in segments.channel_names]
        common = [(k, other.leads.index(lead)) for k, lead in enumerate(leads) if lead in other.leads]
        scores = np.stack([embeddings[:, k] @ other.vectors[m] for k, m in common], axis=-1).astype(np.float64)
        return fused(scores, quality[:, [k for k, _ in common]], [leads[k] for k, _ in common])


def any_apart(sets: Sequence[Any]) -> bool:
    """Return whether some of the sets of segments have leads that were cut apart."""
    return any(one.segments.cut_apart for one in sets)
