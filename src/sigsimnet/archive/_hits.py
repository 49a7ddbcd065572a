"""What a search found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.json import to_jsonable
from sigsimnet.archive._store import LEVELS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "ROW", "Hit", "Identified", "SearchResult"]

COLUMNS = (
    *("rank", "score", "probability", "path", "start", "stop", "subject", "session", "label"),
    *("leads", "n_segments", "recording"),
)
ROW = ("rank", "score", "probability", "person", "recording", "where", "leads")
"""Columns of `SearchResult.rows`."""
MOST_LEADS = 24  # characters


@dataclass(frozen=True)
class Hit:
    """One answer of a search.

    Attributes
    ----------
    rank : int
        From 1.
    score : float
        As of `sigsimnet.compare`: higher is more alike.
    probability : float or None
        That it is the same, at even odds; None where the model is not calibrated.
    path : str
        File; of a person the files, with `` + `` between.
    start, stop : float
        In s since the first sample of the file: where in it.
    subject : str
        Person; with the database before it where there is one (``ecg-id/Person_01``).
    session, label : str
    leads : str
        That the score is of.
    n_segments : int
        Segments that stand behind it.
    recording : int
        Its number in the index; −1 of a person with several.

    Examples
    --------
    >>> Hit(1, 0.98, 0.99, "a.edf", 0.0, 20.0, "anna", "1", "", "I", 24, 1).to_dict()["subject"]
    'anna'
    """

    rank: int
    score: float
    probability: float | None
    path: str
    start: float
    stop: float
    subject: str
    session: str
    label: str
    leads: str
    n_segments: int
    recording: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {name: to_jsonable(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What was found, and what was looked through.

    Attributes
    ----------
    hits : tuple of Hit
        The most similar first; fewer than asked for only where there are no more.
    query : str
    level : str
    n_scanned : int
        Rows (beats, stretches, recordings or people) that were compared: all of them, so that none is missed.
    n_filtered : int
        Rows that the condition and ``exclude_same`` left out before.
    n_without : int
        Rows left out as they have no lead in common with the query.
    n_passed_over : int
        Beats of recordings whose stretches were less alike: 0, but where two stages were asked for (docs/scale.md).

    Examples
    --------
    >>> SearchResult((), "a.csv", "beat", 0, 0, 0).to_dict()["hits"]
    []
    """

    hits: tuple[Hit, ...]
    query: str
    level: str
    n_scanned: int
    n_filtered: int
    n_without: int
    n_passed_over: int = 0

    def __repr__(self) -> str:
        return f"<SearchResult {len(self.hits)} hits of {self.n_scanned} {self.level} rows>"

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line of text for each hit (`ROW`)."""
        return [
            (
                str(hit.rank),
                f"{hit.score:.3f}",
                "–" if hit.probability is None else f"{hit.probability:.3f}",
                hit.subject,
                hit.path,
                f"{hit.start:.1f}–{hit.stop:.1f} s",
                hit.leads if len(hit.leads) <= MOST_LEADS else f"{hit.leads.count('+') + 1} channels",
            )
            for hit in self.hits
        ]

    def in_words(self) -> tuple[str, ...]:
        """Return what was looked through, as sentences."""
        what = LEVELS[self.level]
        said = [f"{self.n_scanned:,} {what} were compared"]
        if self.n_passed_over:
            said.append(f"{self.n_passed_over:,} of recordings whose stretches are less alike were passed over")
        else:
            said[0] += ", all that the conditions leave"
        if self.n_filtered:
            said.append(f"{self.n_filtered:,} were left out by the conditions")
        if self.n_without:
            said.append(f"{self.n_without:,} have no lead in common with the query")
            if not self.hits:
                said.append("a channel is compared with those of its name: call it what its lead is, such as I or II")
        return tuple(said)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "query": self.query,
            "level": self.level,
            "n_scanned": self.n_scanned,
            "n_filtered": self.n_filtered,
            "n_without_common_lead": self.n_without,
            "n_passed_over": self.n_passed_over,
            "hits": [hit.to_dict() for hit in self.hits],
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each hit."""
        import pandas as pd

        return pd.DataFrame([hit.to_dict() for hit in self.hits], columns=list(COLUMNS))


@dataclass(frozen=True, eq=False)
class Identified:
    """Who it is, or nobody of the index.

    Attributes
    ----------
    verdict : {"known", "nobody here", "cannot tell"}
    person : str
        The most similar person, where the verdict is *known*; else empty.
    reason : str
        In a sentence.
    threshold : float
        Score from which the first person is accepted: of strangers, ``fpir`` reach it; NaN where it cannot be known.
    fpir : float
        False positive identification rate that was asked for.
    n_strangers : int
        People of the index that the threshold was measured on, each against all others.
    found : SearchResult
        The people, ranked.

    Examples
    --------
    >>> Identified("nobody here", "", "", 0.9, 0.01, 200, SearchResult((), "a", "person", 0, 0, 0)).to_dict()["verdict"]
    'nobody here'
    """

    verdict: str
    person: str
    reason: str
    threshold: float
    fpir: float
    n_strangers: int
    found: SearchResult

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "verdict": self.verdict,
            "person": self.person,
            "reason": self.reason,
            "threshold": to_jsonable(self.threshold),
            "fpir": self.fpir,
            "n_strangers": self.n_strangers,
            **self.found.to_dict(),
        }
