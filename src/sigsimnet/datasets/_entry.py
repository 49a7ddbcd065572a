"""One row of a table of recordings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io import is_remote, state_of_remote
from sigsimnet.recording import Recording

__all__ = ["Entry"]


@dataclass(frozen=True)
class Entry:
    """One recording of a manifest: a file, or an interval of one.

    Attributes
    ----------
    path : str
        As `sigsimnet.read` takes it; relative paths start at the manifest's folder.
    subject, session, label : str
        Whose it is, which sitting, what it shows; empty where the table has no such column.
    split : str
        ``"train"``, ``"test"`` or empty.
    channel : str
        Channel to use; empty for the model's own choice.
    sampling_rate : float or None
        In Hz, for files that do not say.
    database : str
        Where the subject's name is unique; subject ``1`` of two databases is two people.
    start, stop : float or None
        Part of the file, in s since its first sample; None for its beginning and its end.
    recording : Recording or None
        The whole recording itself, when it did not come from a file.

    Examples
    --------
    >>> Entry("a.csv", subject="1", database="ecg-id").person
    'ecg-id/1'
    """

    path: str
    subject: str = ""
    session: str = ""
    label: str = ""
    split: str = ""
    channel: str = ""
    sampling_rate: float | None = None
    database: str = ""
    start: float | None = None
    stop: float | None = None
    recording: Recording | None = field(default=None, compare=False, repr=False)

    @property
    def person(self) -> str:
        """The subject's name, unique over databases."""
        return f"{self.database}/{self.subject}" if self.database else self.subject

    @property
    def is_part(self) -> bool:
        """Whether it is an interval of a file."""
        return self.start is not None or self.stop is not None

    @property
    def name(self) -> str:
        """The path, with the interval of the file where it is one; unique in a manifest but for the channel.

        Examples
        --------
        >>> Entry("a.csv", start=3.0, stop=8.5).name, Entry("a.csv", start=3.0).name, Entry("a.csv").name
        ('a.csv (3 to 8.5 s)', 'a.csv (from 3 s on)', 'a.csv')
        """
        if not self.is_part:
            return self.path
        if self.stop is None:
            return f"{self.path} (from {self.start:.10g} s on)"
        return f"{self.path} ({self.start or 0.0:.10g} to {self.stop:.10g} s)"

    def read(self) -> Recording:
        """Read the recording; its metadata carry what the manifest says.

        Consecutive rows that are intervals of one file read it once.

        Raises
        ------
        ReadError
            If the file cannot be read, or nothing was recorded in the interval.

        Examples
        --------
        >>> whole = Recording(range(8), 2, source="a.csv")
        >>> Entry("a.csv", label="rest", start=1.0, stop=2.0, recording=whole).read().data.tolist()
        [[2.0, 3.0]]
        """
        recording = self.read_whole()
        if self.is_part:
            try:
                recording = recording.crop(self.start or 0.0, self.stop)
            except ParameterError as error:
                raise ReadError(f"{self.path}: {error}") from error
        known = {name: getattr(self, name) for name in ("subject", "session", "label") if getattr(self, name)}
        return recording.replace(metadata={**recording.metadata, **known})

    def read_whole(self) -> Recording:
        """Read the whole file, also where the row is a part of it.

        Raises
        ------
        ReadError
            If the file cannot be read.
        """
        from sigsimnet.io._options import Options
        from sigsimnet.io._read import read_preferring

        if self.recording is not None:
            return self.recording
        if self.is_part:
            return _read_once(self.path, self.channel, self.sampling_rate, _state_of(self.path))
        return read_preferring(self.path, self.channel, Options(sampling_rate=self.sampling_rate))


@lru_cache(maxsize=1)
def _read_once(
    path: str,
    channel: str,
    sampling_rate: float | None,
    _state: tuple[tuple[int, int], ...],  # in the key: a file that was written anew is read anew
) -> Recording:
    from sigsimnet.io._options import Options
    from sigsimnet.io._read import read_preferring

    return read_preferring(path, channel, Options(sampling_rate=sampling_rate))


def _state_of(path: str) -> tuple[tuple[int, int], ...]:
    """Return when the files of a recording were changed, and their sizes: of a WFDB record, or the archive it is in."""
    if is_remote(path):
        return ((hash(state_of_remote(path)), 0),)
    whole = Path(path)
    files = [whole, *(Path(f"{path}{ending}") for ending in (".hea", ".dat")), *whole.parents]
    states = []
    for file in files:
        try:
            status = os.stat(file)  # noqa: PTH116 - one call tells both that it is there and how it is
        except (OSError, ValueError):
            continue
        if file in (whole, *files[1:3]) or file.suffix.lower() == ".zip":
            states.append((status.st_mtime_ns, status.st_size))
    return tuple(states)
