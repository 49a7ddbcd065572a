"""Is a file like the others of its person; if not, is a lead upside down, exchanged, or is it somebody else's?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.audits._finding import Finding
from sigsimnet.audits._scale import FACTORS, rate_chances
from sigsimnet.comparison import exchanged_leads
from sigsimnet.model import Template, n_independent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.audits._seen import Seen
    from sigsimnet.model import SigSimNet

__all__ = ["findings_of_people"]

MISFILED = 0.02  # of the files of an archive are somebody else's, before anything was seen
BEATEN = 0.1  # of the other people
_LEAST, _MOST = 20, 300  # other people that a score is ranked among
_FIRST = 0.02  # of them are more alike than a person's own
_TURNED, _GAIN = 0.75, 0.3  # score of a lead turned over, and by how much that is more than as it is
_SURE = 0.5

Again = Callable[["Seen", float], "Seen | None"]


def findings_of_people(seen: Sequence[Seen], model: SigSimNet, again: Again) -> list[Finding]:
    """Return what is wrong with recordings that have others of the same person beside them.

    Parameters
    ----------
    seen : sequence of Seen
    model : SigSimNet
        That asks for the same person.
    again : callable
        Looks at a recording once more as if its sampling rate were so many times what the file says.
    """
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.person and one.template is not None:
            groups[one.person].append(one)
    around = _Around(groups, model)
    return [finding for own in groups.values() if len(own) > 1 for finding in _of_person(own, around, again)]


def _of_person(own: list[Seen], around: _Around, again: Again) -> list[Finding]:
    found: list[Finding] = []
    leads: dict[int, Finding] = {}
    for place, one in enumerate(own):
        if finding := _leads_of(one, _others_of(own, place)):
            leads[place] = finding
    if len(own) == 2 and len(leads) == 2:
        # Of two recordings that are each the other turned over, one is wrong; which one nobody can tell but the signs.
        first, second = leads.values()
        chosen = first if own[0].warnings or not own[1].warnings else second
        found.append(replace(chosen, what=f"{chosen.what}; or that one is wrong"))
    else:
        found += leads.values()
    doubts = {
        place: _stranger(one, _others_of(own, place, leads), around)
        for place, one in enumerate(own)
        if place not in leads
    }
    strange = {place: doubt for place, doubt in doubts.items() if doubt >= _SURE}
    if len(own) - len(leads) == 2 and len(strange) == 2:
        return [*found, *_one_of_two([own[place] for place in strange], max(strange.values()), around, again)]
    for place, doubt in strange.items():
        found.append(_about(own[place], doubt, _others_of(own, place), around, again))
    return found


def _others_of(own: list[Seen], place: int, without: Collection[int] = ()) -> list[Seen]:
    return [other for k, other in enumerate(own) if k != place and k not in without]


def _stranger(one: Seen, others: Sequence[Seen], around: _Around, *, same: float | None = None) -> float:
    """Return how probable it is that a recording is not of the person of the others; 0 where nothing can be said.

    The chance before the score was seen is `MISFILED`; or even, where a tenth of the other people of the archive are
    at least as alike: that is seldom so of a person's own recordings, and nearly always of a stranger's.
    """
    chances = []
    for other, score in zip(others, _scores(one, others, around.model).tolist(), strict=True):
        if np.isfinite(score):
            prior = (0.5 if around.rank(one, score) > BEATEN else 1.0 - MISFILED) if same is None else same
            chances.append(_chance(one, other, score, prior, around.model))
    # One recording that it is like clears it: of the others, some may be the foreign ones.
    return 1.0 - max(chances) if chances else 0.0


def _chance(one: Seen, other: Seen, score: float, prior: float, model: SigSimNet) -> float:
    if one.template is None or other.template is None:
        return 0.0
    common = n_independent(tuple(set(one.template.leads) & set(other.template.leads)))
    beats = min(one.template.n_segments, other.template.n_segments)
    return model.probability(score, prior, n_segments=beats, n_leads=common) or 0.0


class _Around:
    """The other people of the archive, one recording each: how alike are strangers here?"""

    def __init__(self, groups: dict[str, list[Seen]], model: SigSimNet) -> None:
        people = list(groups)
        self.groups, self.model = groups, model
        self.cohort = [groups[people[k]][0] for k in evenly_spaced(len(people), _MOST).tolist()]
        self._scores: dict[int, NDArray[np.float64]] = {}

    def rank(self, one: Seen, score: float) -> float:
        """Return the share of other people who are at least as alike; 0 where there are too few to say."""
        if id(one) not in self._scores:
            others = [other for other in self.cohort if other.person != one.person]
            scores = _scores(one, others, self.model)
            self._scores[id(one)] = scores[np.isfinite(scores)]
        known = self._scores[id(one)]
        return float((known >= score).mean()) if len(known) >= _LEAST else 0.0


def _one_of_two(two: list[Seen], doubt: float, around: _Around, again: Again) -> list[Finding]:
    """Return one finding of two recordings that are unlike: of that which is somebody else's, where one is."""
    nearest = [_nearest(one, around) for one in two]
    order = sorted(range(2), key=lambda k: (round(_plausible(two[k]), 1), -nearest[k][1]))
    for k in order:
        finding = _about(two[k], doubt, [two[1 - k]], around, again)
        if finding.kind != "other person" or finding.other:
            return [finding]
    # Nobody else's: the later one is named, and that it may be the other.
    finding = _about(two[1], doubt, [two[0]], around, again)
    return [replace(finding, other=two[0].name, what=f"{finding.what}; or that one is, there are only two")]


def _about(one: Seen, doubt: float, others: list[Seen], around: _Around, again: Again) -> Finding:
    """Return the likeliest reason why a recording is unlike the others of its person."""
    scores = _scores(one, others, around.model)
    unlike = (
        f"score {np.nanmedian(scores):.2f} against {others[0].name if len(others) == 1 else f'{len(others)} others'}"
    )
    if (rate := _another_rate(one, others, around, again)) is not None:
        factor, chance = rate
        stated, true = f"{one.sampling_rate:.4g} Hz", f"{one.sampling_rate * factor:.4g} Hz"
        what = f"{unlike}; sampled at {true} instead of {stated} it is like them ({chance:.2f})"
        return Finding("wrong rate", one.name, chance * doubt, what, one.person)
    who, score, chance = _nearest(one, around)
    what = f"{unlike} of {one.person}"
    if chance >= _SURE:
        return Finding(
            "other person", one.name, doubt, f"{what}; most like {who} (score {score:.2f})", one.person, other=who
        )
    return Finding("other person", one.name, doubt, what, one.person)


def _another_rate(one: Seen, others: list[Seen], around: _Around, again: Again) -> tuple[float, float] | None:
    """Return by how much the stated rate is wrong, where at another the recording is its person's, and how sure."""
    now = _plausible(one)
    best: tuple[float, float] | None = None
    for factor in FACTORS:
        changed = again(one, factor)
        if changed is None or changed.template is None or _plausible(changed) < max(now, 0.5):
            continue
        chance = 1.0 - _stranger(changed, others, around, same=0.5)
        ranks = [around.rank(changed, score) for score in _scores(changed, others, around.model).tolist()]
        if chance > (best[1] if best else 0.9) and np.median(ranks) <= _FIRST:
            best = (factor, chance)
    return best


def _plausible(one: Seen) -> float:
    """Return how probable it is that the stated rate is right, by heart rate and width of waves alone."""
    return rate_chances(one.shape)[1.0] if one.shape is not None else 0.0


def _scores(one: Seen, others: Sequence[Seen], model: SigSimNet) -> NDArray[np.float64]:
    """Return the score of a recording against each other one; NaN where they have no lead in common."""
    found = np.full(len(others), np.nan)
    template = one.template
    if template is None:
        return found
    leads = set(template.leads)
    with_them = [(k, other.template) for k, other in enumerate(others) if other.template is not None]
    common = [(k, their) for k, their in with_them if leads & set(their.leads)]
    if common:
        found[[k for k, _ in common]] = model.similarity(template, [their for _, their in common])[0]
    return found


def _nearest(one: Seen, around: _Around) -> tuple[str, float, float]:
    """Return the other person who is most like a recording, her score, and the chance that it is hers."""
    others = [other for own in around.groups.values() for other in own if other.person != one.person]
    scores = _scores(one, others, around.model)
    if not np.isfinite(scores).any():
        return "", -1.0, 0.0
    best = int(np.nanargmax(scores))
    prior = 0.5 / max(len(around.groups) - 1, 1)
    return (
        others[best].person,
        float(scores[best]),
        _chance(one, others[best], float(scores[best]), prior, around.model),
    )


def _leads_of(one: Seen, others: Sequence[Seen]) -> Finding | None:
    """Return whether leads of a recording are upside down or exchanged, against the others of its person."""
    template, turned = one.template, one.turned
    rest = [other.template for other in others if other.template is not None]
    if template is None or turned is None or not rest:
        return None
    usual = Template.of_several(rest)
    by_name = _by_lead(template, usual)
    upside = {
        lead: score
        for lead, score in _by_lead(turned, usual).items()
        if score >= _TURNED and score - by_name.get(lead, 1.0) >= _GAIN
    }
    against = others[0].name if len(others) == 1 else f"{len(others)} others of {one.person}"
    if (upside and len(upside) <= max(1, len(by_name) // 2)) or len(upside) == len(by_name) > 0:
        said = ", ".join(f"{lead} {by_name[lead]:.2f}, turned over {score:.2f}" for lead, score in upside.items())
        confidence = min(1.0, float(np.mean([s - by_name[lead] for lead, s in upside.items()])) / 0.6)
        what = f"score against {against}: {said}"
        return Finding("polarity inverted", one.name, confidence, what, one.person, ", ".join(upside))
    moved = exchanged_leads(template, usual, by_name)
    if moved:
        said = ", ".join(f"{lead} is like {other} ({score:.2f})" for lead, (other, score) in moved.items())
        gain = float(np.mean([score - by_name[lead] for lead, (_, score) in moved.items()]))
        return Finding(
            "leads swapped", one.name, min(1.0, gain / 0.6), f"against {against}: {said}", one.person, ", ".join(moved)
        )
    return None


def _by_lead(a: Template, b: Template) -> dict[str, float]:
    return {
        lead: float(a.vectors[k] @ b.vectors[b.leads.index(lead)]) for k, lead in enumerate(a.leads) if lead in b.leads
    }
