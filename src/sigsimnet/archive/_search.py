"""Exact search: every row that a filter leaves is compared, so that none is missed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.archive._hits import Hit, SearchResult
from sigsimnet.channels import LIMB_LEADS
from sigsimnet.model import Template, n_independent, scores_of_templates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.archive._store import Store
    from sigsimnet.model import SigSimNet

__all__ = [
    "about_recordings",
    "matrix_of",
    "people_in",
    "people_of",
    "search_people",
    "search_recordings",
    "search_segments",
    "templates_of",
]

RECORDINGS = 200  # whose beats are compared in the second of two stages (docs/scale.md)
STRETCHES = 20  # of each, at most, among the best stretches
_ABOUT = ("path", "subject", "session", "label", "database", "duration", "n_segments", "start")


def templates_of(store: Store, wanted: Sequence[int]) -> dict[int, Template]:
    """Return the template of each recording."""
    if not wanted:
        return {}
    with store.chosen(wanted) as among:
        found = store.table("template", among)
    order = np.argsort(np.asarray(found["recording"]), kind="stable")
    found = found.take(order)
    numbers = np.asarray(found["recording"])
    leads, quality, counts = found["lead"].to_pylist(), np.asarray(found["quality"]), np.asarray(found["n_segments"])
    vectors = matrix_of(found["vector"])
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else np.empty(0, int)
    made = {}
    for first, last in zip(starts, [*starts[1:], len(numbers)], strict=True):
        made[int(numbers[first])] = Template(
            tuple(leads[first:last]), vectors[first:last], quality[first:last].astype(float), int(counts[first])
        )
    return made


def search_recordings(
    store: Store, network: SigSimNet, query: Template, wanted: list[int], k: int, name: str, n_filtered: int
) -> SearchResult:
    """Compare a template with that of every wanted recording."""
    templates = templates_of(store, wanted)
    about = about_recordings(store, list(templates))
    numbers = list(templates)
    scores, usable = _scores(query, [templates[n] for n in numbers])
    order = _best(scores, usable, k)
    hits = [
        _whole(network, query, about[numbers[i]], rank, numbers[i], scores[i], templates[numbers[i]])
        for rank, i in enumerate(order, 1)
    ]
    return SearchResult(tuple(hits), name, "recording", int(usable.sum()), n_filtered, int((~usable).sum()))


def people_of(store: Store, wanted: Sequence[int]) -> dict[str, list[int]]:
    """Return the recordings of each person; one without a subject is a person of its own."""
    found: dict[str, list[int]] = {}
    for number, about in about_recordings(store, list(wanted)).items():
        found.setdefault(about["person"] or about["path"], []).append(number)
    return found


def people_in(store: Store, wanted: Sequence[int]) -> tuple[dict[str, Template], dict[str, list[int]]]:
    """Return the template of each person, all wanted recordings together, and which these are."""
    templates = templates_of(store, wanted)
    people = people_of(store, list(templates))
    return {name: Template.of_several([templates[n] for n in mine]) for name, mine in people.items()}, people


def search_people(
    store: Store, network: SigSimNet, query: Template, wanted: list[int], k: int, name: str, n_filtered: int
) -> SearchResult:
    """Compare a template with that of every person: all her wanted recordings together."""
    templates, people = people_in(store, wanted)
    names, every = list(people), list(templates.values())
    about = about_recordings(store, [n for mine in people.values() for n in mine])
    scores, usable = _scores(query, every)
    hits = []
    for rank, i in enumerate(_best(scores, usable, k), 1):
        mine = people[names[i]]
        first = about[mine[0]]
        merged = {
            **first,
            "path": " + ".join(about[n]["path"] for n in mine),
            "session": first["session"] if len(mine) == 1 else "",
            "label": first["label"] if len(mine) == 1 else "",
        }
        number = mine[0] if len(mine) == 1 else -1
        hits.append(_whole(network, query, merged, rank, number, scores[i], every[i]))
    return SearchResult(tuple(hits), name, "person", int(usable.sum()), n_filtered, int((~usable).sum()))


def search_segments(
    store: Store,
    network: SigSimNet,
    query: Template,
    wanted: list[int],
    k: int,
    name: str,
    level: str,
    *,
    exact: bool = True,
) -> SearchResult:
    """Compare a template with every beat or stretch of the wanted recordings, by SQL: one scan, nothing skipped.

    ``exact=False`` compares the beats of those recordings alone whose stretches are most alike. Of several leads the
    score is the mean of their cosines, weighted by quality, limb leads together as two of them.
    """
    time, stop = ("time", "time") if level == "beat" else ("start", "stop")
    counted = "1" if level == "beat" else "n_segments"
    everything = len(wanted) == store.rows("select count(*) from recording")[0][0]
    in_all = int(store.rows(f"select count(*) from {level}")[0][0])  # noqa: S608 - our names
    passed_over = 0
    with nullcontext("true") if everything else store.chosen(wanted) as kept:
        counts = _counts(store, level, kept)
        best = _best_by_stretches(store, query, kept, k) if level == "beat" and not exact else []
        if not best:
            leads, found = _nearest(store, query, counts, k, (level, kept, time, stop, counted))
    if best:
        with store.chosen(best) as kept:
            passed_over = sum(counts.values())
            counts = _counts(store, level, kept)
            passed_over -= sum(counts.values())
            leads, found = _nearest(store, query, counts, k, (level, kept, time, stop, counted))
    about = about_recordings(store, [int(row[0]) for row in found])
    before, after = network.cutter.reach
    hits = []
    for rank, (number, at, until, n, of, score) in enumerate(found, 1):
        own = about[int(number)]
        start, end = (at - before, at + after) if level == "beat" else (at, until)
        of_hit = tuple(of.split("+"))
        hits.append(
            _hit(network, query, own, rank, int(number), float(score), of_hit, int(n), (float(start), float(end)))
        )
    scanned = sum(counts[lead] for lead in leads)
    left = sum(counts.values())
    filtered = in_all - left - passed_over
    return SearchResult(tuple(hits), name, level, scanned, filtered, left - scanned, passed_over)


def _counts(store: Store, level: str, kept: str) -> dict[str, int]:
    """Return how many rows there are of each lead."""
    rows = store.rows(
        f"select lead, count(*) from {level} where {kept} group by lead"  # noqa: S608 - our names
    )
    return {str(lead): int(n) for lead, n in rows}


def _best_by_stretches(store: Store, query: Template, kept: str, k: int) -> list[int]:
    """Return the recordings whose stretches are most alike, enough of them for ``k`` beats."""
    names = ("stretch", kept, "start", "stop", "n_segments")
    most = max(RECORDINGS, k)
    _, found = _nearest(store, query, _counts(store, "stretch", kept), STRETCHES * most, names)
    return list(dict.fromkeys(int(row[0]) for row in found))[:most]


def _nearest(
    store: Store, query: Template, counts: dict[str, int], k: int, names: tuple[str, str, str, str, str]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the leads that are compared, and the best rows: recording, begin, end, segments, leads, score."""
    level, kept, time, stop, counted = names
    leads = [lead for lead in query.leads if counts.get(lead)]
    limb = sum(lead in LIMB_LEADS for lead in leads)
    parts, values = [], []
    for lead in leads:
        place = query.leads.index(lead)
        weight = max(float(query.quality[place]), 1e-6) * (min(limb, 2) / limb if lead in LIMB_LEADS else 1.0) ** 2
        cosine, asked = store.cosine(query.vectors[place])
        parts.append(
            f"select recording, {time} as begins, {stop} as ends, {counted} as n, lead, "  # noqa: S608
            f"sqrt(greatest(quality, 1e-6) * {weight}) as w, {cosine} as s from {level} where lead = ? and {kept}"
        )
        values += [asked, lead]
    found: list[tuple[Any, ...]] = []
    if len(parts) == 1:
        columns = "recording, begins, ends, n, lead, s"
        best = f"select {columns} from ({parts[0]}) as one order by s desc, recording, begins limit {k}"  # noqa: S608
        found = store.rows(best, values)
    elif parts:
        union = " union all ".join(parts)
        columns = "recording, begins, ends, max(n), string_agg(lead, '+' order by lead), sum(w * s) / sum(w) as score"
        per_time = f"select {columns} from ({union}) as one group by recording, begins, ends"  # noqa: S608
        found = store.rows(f"{per_time} order by score desc, recording, begins limit {k}", values)
    return leads, found


def _scores(query: Template, templates: list[Template]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if not templates:
        return np.empty(0), np.empty(0, dtype=bool)
    scores = scores_of_templates([query], templates)[0]
    return scores, ~np.isnan(scores)


def _best(scores: NDArray[np.float64], usable: NDArray[np.bool_], k: int) -> list[int]:
    order = np.argsort(-np.where(usable, scores, -np.inf), kind="stable")
    return [int(i) for i in order[: min(k, int(usable.sum()))]]


def _hit(
    network: SigSimNet,
    query: Template,
    about: dict[str, Any],
    rank: int,
    number: int,
    score: float,
    leads: tuple[str, ...],
    n_segments: int,
    where: tuple[float, float],
) -> Hit:
    return Hit(
        rank=rank,
        score=score,
        probability=network.probability(
            score, n_segments=min(query.n_segments, n_segments), n_leads=max(n_independent(leads), 1)
        ),
        path=about["path"],
        start=about["start"] + where[0],
        stop=about["start"] + where[1],
        subject=about["person"],
        session=about["session"],
        label=about["label"],
        leads="+".join(leads),
        n_segments=n_segments,
        recording=number,
    )


def _whole(
    network: SigSimNet, query: Template, about: dict[str, Any], rank: int, number: int, score: float, own: Template
) -> Hit:
    """Return a hit that is a whole recording, or a person."""
    common = tuple(lead for lead in query.leads if lead in own.leads)
    span = (0.0, float(about["duration"]))
    return _hit(network, query, about, rank, number, float(score), common, own.n_segments, span)


def about_recordings(store: Store, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what hits say of recordings, by their number."""
    rows = store.rows(
        f"select id, {', '.join(_ABOUT)} from recording where id in (select unnest(?::bigint[])) order by id",  # noqa: S608
        [list(numbers)],
    )
    found = {int(row[0]): dict(zip(_ABOUT, row[1:], strict=True)) for row in rows}
    for about in found.values():
        about["start"] = float(about["start"] or 0.0)  # times of hits are those of the file
        about["person"] = f"{about['database']}/{about['subject']}" if about["database"] else about["subject"]
    return found


def matrix_of(column: Any) -> NDArray[np.float32]:
    """Return a column of vectors as one array."""
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks if len(chunk)]
    width = column.type.list_size
    flat = np.concatenate(parts) if parts else np.empty(0, np.float32)
    return np.asarray(flat, dtype=np.float32).reshape(-1, width)
