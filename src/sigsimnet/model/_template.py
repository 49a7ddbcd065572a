"""`Template`: what a person is enrolled as, a vector for each lead; and one score of all leads together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsimnet.channels import LIMB_LEADS
from sigsimnet.errors import ParameterError, SignalError

__all__ = [
    "Template",
    "fused",
    "fused_of_pairs",
    "fused_of_templates",
    "n_independent",
    "scores_of_templates",
    "templates_in",
]

Floats = NDArray[np.float64]
INDEPENDENT_LIMB = 2  # limb leads that the other four follow from
TRIM = 1 / 6  # of the weight: what is left out of the mean on either side
LEAST_TRIMMED = 6  # leads; of fewer none can be spared
CHUNK = 4_000_000  # scores of leads in memory at once


@dataclass(frozen=True, eq=False)
class Template:
    """What `SigSimNet.enrol` keeps of a person: one unit vector for each lead.

    Attributes
    ----------
    leads : tuple of str
        Standard leads (`sigsimnet.channels.lead_of`), or the channel of a model that looks at one.
    vectors : ndarray of float32, shape (n_leads, dim)
        At unit length.
    quality : ndarray of float, shape (n_leads,)
        Mean `Segments.quality` of each lead, 0 to 1: what it weighs.
    n_segments : int
        Segments of the lead that has most.
    sources : tuple of str
        The recordings.

    Raises
    ------
    ParameterError
        If the shapes do not fit, or a lead is named twice.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> model = load_model("ecg")
    >>> first, second = (model.enrol(recording) for recording in simulate(1, 2, duration=20, seed=1))
    >>> first.vectors.shape == (len(first.leads), 128), float(model.similarity(first, second)[0, 0]) > 0.9
    (True, True)
    """

    leads: tuple[str, ...]
    vectors: NDArray[np.float32]
    quality: Floats
    n_segments: int
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or not len(self.leads) == len(self.vectors) == len(self.quality):
            raise ParameterError(f"{len(self.leads)} leads with vectors of shape {self.vectors.shape}")
        if len(set(self.leads)) < len(self.leads):
            raise ParameterError(f"a lead is named twice: {', '.join(self.leads)}")

    def __repr__(self) -> str:
        return (
            f"<Template {', '.join(self.leads)}: {self.n_segments} segments of {max(len(self.sources), 1)} recordings>"
        )

    @classmethod
    def of_several(cls, templates: Sequence[Template]) -> Template:
        """Return one template of several of one person; each weighs by its quality.

        Raises
        ------
        ParameterError
            If there is none.
        """
        if not templates:
            raise ParameterError("a template takes at least one recording")
        leads = tuple(dict.fromkeys(lead for one in templates for lead in one.leads))
        vectors, quality = [], []
        for lead in leads:
            mine = [(one.vectors[k], one.quality[k]) for one in templates for k in [_place(one, lead)] if k >= 0]
            mean = np.sum([vector * weight for vector, weight in mine], axis=0)
            vectors.append(mean / max(float(np.linalg.norm(mean)), 1e-12))
            quality.append(float(np.mean([weight for _, weight in mine])))
        return cls(
            leads,
            np.array(vectors, dtype=np.float32),
            np.array(quality),
            sum(one.n_segments for one in templates),
            tuple(source for one in templates for source in one.sources),
        )


def _place(template: Template, lead: str) -> int:
    return template.leads.index(lead) if lead in template.leads else -1


def n_independent(leads: Sequence[str]) -> int:
    """Return how many leads say something of their own: of the limb leads two.

    Examples
    --------
    >>> n_independent(["I", "II", "III", "AVR", "AVL", "AVF", "V1"]), n_independent(["I"])
    (3, 1)
    """
    limb = sum(lead in LIMB_LEADS for lead in leads)
    return len(leads) - limb + min(limb, INDEPENDENT_LIMB)


def fused(scores: Floats, weights: Floats, leads: Sequence[str]) -> Floats:
    """Return one score of the scores of leads, (..., n_leads) to (...): their weighted mean.

    Limb leads together weigh as much as two of them. Of six leads and more, a sixth of the weight is left out at
    either end: a lead whose electrode was stuck elsewhere does not decide. NaN where no lead has any weight.

    Parameters
    ----------
    scores, weights : ndarray, shape (..., n_leads)
        Weight 0: that lead is missing on a side.
    leads : sequence of str
    """
    limb = np.array([lead in LIMB_LEADS for lead in leads])
    present = weights > 0
    n_limb = (present & limb).sum(axis=-1, keepdims=True)
    weights = weights * np.where(limb, np.minimum(n_limb, INDEPENDENT_LIMB) / np.maximum(n_limb, 1), 1.0)
    total = weights.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weights / total
    order = np.argsort(np.where(present, scores, np.inf), axis=-1)
    share, ordered = np.take_along_axis(share, order, -1), np.take_along_axis(scores, order, -1)
    ends = np.cumsum(share, axis=-1)
    kept = np.clip(np.minimum(ends, 1 - TRIM) - np.maximum(ends - share, TRIM), 0.0, None)
    used = np.where(present.sum(axis=-1, keepdims=True) >= LEAST_TRIMMED, kept, share)
    return np.asarray((used * ordered).sum(axis=-1) / used.sum(axis=-1))


def fused_of_templates(a: Sequence[Template], b: Sequence[Template]) -> Floats:
    """Return the fused cosines of all pairs of templates over the leads that both have, shape (n_a, n_b).

    Raises
    ------
    SignalError
        If two have no common lead.
    """
    found = scores_of_templates(a, b)
    for i, j in np.argwhere(np.isnan(found))[:1].tolist():
        raise _nothing_in_common(a[i], b[j])
    return found


def scores_of_templates(a: Sequence[Template], b: Sequence[Template]) -> Floats:
    """Return the fused cosines of all pairs of templates, shape (n_a, n_b); NaN where two have no common lead.

    Examples
    --------
    >>> one = Template(("I",), np.ones((1, 1), np.float32), np.ones(1), 5)
    >>> scores_of_templates([one], [one]).tolist()
    [[1.0]]
    """
    leads = tuple(dict.fromkeys(lead for one in (*a, *b) for lead in one.leads))
    (left, quality_a), (right, quality_b) = _stacked(a, leads), _stacked(b, leads)
    found = np.empty((len(a), len(b)))
    step = max(1, CHUNK // max(1, len(b) * len(leads)))
    for first in range(0, len(a), step):
        rows = slice(first, first + step)
        scores = np.stack([left[rows, k] @ right[:, k].T for k in range(len(leads))], axis=-1).astype(np.float64)
        weights = np.sqrt(quality_a[rows, None] * quality_b[None])
        found[rows] = fused(scores, weights, leads)
    return found


def fused_of_pairs(templates: Sequence[Template], pairs: NDArray[np.int64]) -> Floats:
    """Return the fused cosine of each pair of positions in ``templates``, shape (n_pairs,).

    Raises
    ------
    SignalError
        If two have no common lead.
    """
    leads = tuple(dict.fromkeys(lead for one in templates for lead in one.leads))
    vectors, quality = _stacked(templates, leads)
    found = np.empty(len(pairs))
    step = max(1, CHUNK // (8 * len(leads)))
    for first in range(0, len(pairs), step):
        i, j = pairs[first : first + step].T
        scores = np.stack(
            [np.einsum("nd,nd->n", vectors[i, k], vectors[j, k]) for k in range(len(leads))], axis=-1
        ).astype(np.float64)
        found[first : first + step] = fused(scores, np.sqrt(quality[i] * quality[j]), leads)
    for i, j in pairs[np.isnan(found)][:1].tolist():
        raise _nothing_in_common(templates[i], templates[j])
    return found


def templates_in(values: object) -> list[Template] | None:
    """Return the templates that somebody gave, one or several; None where these are none."""
    if isinstance(values, Template):
        return [values]
    if isinstance(values, list | tuple) and values and all(isinstance(one, Template) for one in values):
        return list(values)
    return None


def _nothing_in_common(a: Template, b: Template) -> SignalError:
    leads = f"{', '.join(a.leads)} against {', '.join(b.leads)}"
    return SignalError(f"{_named(a)} and {_named(b)} have no common lead ({leads})")


def _named(template: Template) -> str:
    return " + ".join(source for source in template.sources if source) or "a template"


def _stacked(templates: Sequence[Template], leads: Sequence[str]) -> tuple[NDArray[np.float32], Floats]:
    """Return vectors (n, n_leads, dim) and qualities (n, n_leads), 0 where a template lacks a lead."""
    vectors = np.zeros((len(templates), len(leads), templates[0].vectors.shape[1] if templates else 0), np.float32)
    quality = np.zeros(vectors.shape[:2])
    for row, one in enumerate(templates):
        places = [leads.index(lead) for lead in one.leads]
        vectors[row, places], quality[row, places] = one.vectors, np.maximum(one.quality, 1e-6)
    return vectors, quality
