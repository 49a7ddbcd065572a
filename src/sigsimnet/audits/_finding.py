"""`Finding` and `Audit`: what an audit says."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from sigsimnet._utils.late import provided

if TYPE_CHECKING:
    import pandas as pd

    from sigsimnet.audits._seen import Seen

__all__ = ["COLUMNS", "KINDS", "Audit", "Finding"]

KINDS = {
    "cannot be read": "the file is damaged, empty, or of an unknown format",
    "same file": "the same samples under two names",
    "same samples": "a part of another recording, or another scale, sampling rate or sign of it",
    "other person": "the file is not like the others of its person",
    "leads swapped": "electrodes or names of leads were exchanged",
    "polarity inverted": "a lead is upside down",
    "wrong scale": "amplitudes of another unit or gain",
    "wrong rate": "the sampling rate is another than the file says",
    "flat": "no signal at all",
    "noise only": "no second of good quality",
}
"""What an audit looks for."""

COLUMNS = ("confidence", "kind", "path", "subject", "channel", "other", "what")


@dataclass(frozen=True)
class Finding:
    """One doubt about one recording.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    path : str
        The recording, as the table names it.
    confidence : float
        0–1, by which findings are ranked; docs/audit.md says what it is of each kind.
    what : str
        The evidence, as a sentence.
    subject, channel, other : str
        Whose it is said to be; the lead; the recording or person that it goes with. Empty where none.

    Examples
    --------
    >>> Finding("flat", "a.edf", 1.0, "no channel has any signal").kind
    'flat'
    """

    kind: str
    path: str
    confidence: float
    what: str
    subject: str = ""
    channel: str = ""
    other: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the table's columns."""
        return {name: round(self.confidence, 4) if name == "confidence" else getattr(self, name) for name in COLUMNS}


@dataclass(frozen=True, eq=False)
class Audit:
    """What `sigsimnet.audit` found.

    Attributes
    ----------
    findings : tuple of Finding
        The surest first.
    seen : tuple of Seen
        What was measured of each recording, in the order in which they were named.
    notes : tuple of str
        What could not be looked for, and why.
    model : str

    Examples
    --------
    >>> from sigsimnet import audit, simulate
    >>> recordings = simulate(3, 2, duration=20, seed=1)
    >>> found = audit([*recordings, recordings[0].crop(4, 18)])
    >>> [one.kind for one in found.findings]
    ['same samples']
    """

    findings: tuple[Finding, ...]
    seen: tuple[Seen, ...]
    notes: tuple[str, ...]
    model: str

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        return f"<Audit of {len(self.seen)} recordings: {len(self.findings)} findings>"

    def counts(self) -> dict[str, int]:
        """Return the number of findings of each kind that there is."""
        kinds = [one.kind for one in self.findings]
        return {kind: kinds.count(kind) for kind in KINDS if kind in kinds}

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each finding, the surest first."""
        import pandas as pd

        return pd.DataFrame([one.to_dict() for one in self.findings], columns=list(COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "model": self.model,
            "n_recordings": len(self.seen),
            "counts": self.counts(),
            "findings": [one.to_dict() for one in self.findings],
            "notes": list(self.notes),
        }

    def to_html(self) -> str:
        """Return a page with all findings and pictures of the surest; it needs no network.

        Raises
        ------
        MissingExtraError
            If Jinja2 or matplotlib is not installed.
        """
        services: Later = provided("audits")
        return services.to_html(self)

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{escape(kind)}: {n}</li>" for kind, n in self.counts().items())
        return f"<p>{escape(repr(self))}</p><ul>{rows}</ul>"


class Later(Protocol):
    """What `Audit` leaves to later rooms."""

    def to_html(self, audit: Audit) -> str:
        """Return the page of an audit."""
