"""`Index`: an archive in one file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

import numpy as np

from sigsimnet.archive._add import Added, add
from sigsimnet.archive._hits import Identified, SearchResult
from sigsimnet.archive._search import (
    check_k,
    people_of,
    search_people,
    search_recordings,
    search_segments,
    templates_of,
)
from sigsimnet.archive._store import LEVELS, Store
from sigsimnet.archive._work import check_workers
from sigsimnet.errors import ArchiveError, ModelError, ParameterError, SignalError, WriteError
from sigsimnet.io import as_recording
from sigsimnet.model import SigSimNet, Template, load_model, scores_of_templates
from sigsimnet.recording import Recording
from sigsimnet.segments import MIN_GOOD_FRACTION, check_min_good_fraction

__all__ = ["Index"]

EXCLUDED = ("recording", "subject")
LEAST_STRANGERS = 20


class Index:
    """Recordings in one searchable file (DuckDB), at four levels: beats, stretches of 10 s, recordings, people.

    Every search is exact: all rows that a filter leaves are compared. One process at a time writes; while it does
    nobody reads. What was added is there whole, whatever happens to the process afterwards. ``with Index(path) as
    index:`` holds the file open for reading, which saves 15 ms a search.

    Parameters
    ----------
    path : str or Path
        The file. It is made by the first `add`.
    model : SigSimNet, path or name, optional
        With the cosine head. Of an index that is there it is the one that made it, and another is refused; of a new
        one ``"ecg"`` by default.

    Raises
    ------
    ArchiveError
        If the file is no index, is damaged, is held by another process, or is of another model.
    ParameterError
        If the model makes no templates.
    MissingExtraError
        If DuckDB is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import simulate
    >>> index = Index(tempfile.mkdtemp() + "/archive.index")
    >>> recordings = simulate(4, 2, duration=20, seed=1)
    >>> index.add(recordings[:7], progress=False).n_new
    7
    >>> index.search(recordings[7], k=1).hits[0].subject
    'S04'
    """

    def __init__(self, path: str | Path, model: SigSimNet | str | Path | None = None) -> None:
        self.path = Path(path)
        self._held: Store | None = None
        about: dict[str, str] = {}
        if self.path.exists():
            with Store(self.path) as store:
                about = store.about
        elif not self.path.resolve().parent.is_dir():
            raise ArchiveError(f"{path}: its folder is not there")
        self._about = about
        self._model: SigSimNet | None = None
        if model is not None:
            self._model = self._checked(model if isinstance(model, SigSimNet) else load_model(model))

    @property
    def model(self) -> SigSimNet:
        """The model that made the index; it is loaded when it is first needed."""
        if self._model is None:
            name = self._about.get("model", "ecg")
            try:
                self._model = self._checked(load_model(name))
            except ModelError as error:
                where = "say where it is (--model)"
                raise ArchiveError(f"{self.path}: its model is not there any more ({error}); {where}") from error
        return self._model

    def _checked(self, model: SigSimNet) -> SigSimNet:
        """Return a model that makes templates, and that the index was made with."""
        if model.head != "cosine" or model.fusion == "attention" or model.normalisation != "none":
            raise ParameterError(
                "an index takes a model with the cosine head, without attention and score normalisation, not "
                f"{model.name!r}"
            )
        about = self._about
        if about and about["digest"] != model.digest:
            raise ArchiveError(
                f"{self.path}: was made with another model ({about['model']}, {about['digest'][:12]}), not with "
                f"{model.name} ({model.digest[:12]}); name that one, or make a new index"
            )
        return model

    def __repr__(self) -> str:
        return f"<Index {self.path}: {self.info()['recordings'] if self.path.exists() else 0} recordings>"

    # -- what is in it ----------------------------------------------------------------------------------------------

    def add(
        self,
        what: Any,
        *,
        min_good_fraction: float = MIN_GOOD_FRACTION,
        workers: int = 1,
        progress: bool = True,
    ) -> Added:
        """Add recordings; those that are there and have not changed are skipped, moved files are recognised.

        Parameters
        ----------
        what : path of a folder, pattern, path of a table, or whatever `sigsimnet.datasets.as_dataset` takes
            A table also says whose recordings they are (``subject``, ``session``, ``label``, ``database``).
        min_good_fraction : float, default 0.5
            Share of a segment that must lie in seconds of good quality. Others are left out and counted.
        workers : int, default 1
            Processes that read, cut and encode; the index is the same to the bit. A recording that kills its process is
            set aside, with the reason. In a script the call stands under ``if __name__ == "__main__":``.
        progress : bool, default True

        Raises
        ------
        ArchiveError, WriteError
            If the index is held by another process or cannot be written; what was there stays.
        WorkInterrupted
            On Ctrl-C: whole recordings are kept, and the same call goes on.
        """
        check_min_good_fraction(min_good_fraction)
        with self._writable() as store:
            return add(
                store,
                self.model,
                what,
                min_good_fraction=min_good_fraction,
                workers=check_workers(workers),
                progress=progress,
            )

    def remove(self, where: str) -> int:
        """Remove the recordings that a condition holds of, and return how many they were.

        Parameters
        ----------
        where : str
            An SQL condition on the columns of `recordings`, such as ``"subject = 'anna'"``.

        Raises
        ------
        ParameterError
            If it is empty or no condition.
        """
        if not where.strip():
            raise ParameterError("say which recordings to remove (--where); all: --where true")
        with self._reading() as store:
            gone = store.wanted(where)
        with self._writable() as store, store.writing() as connection:
            for table, column in (("template", "recording"), ("stretch", "recording"), ("beat", "recording"),
                                  ("recording", "id")):  # fmt: skip
                connection.execute(f"delete from {table} where {column} in (select unnest(?))", [gone])  # noqa: S608
        return len(gone)

    def compact(self) -> tuple[int, int]:
        """Write the file anew without the room of what was removed; return its size before and after, in bytes."""
        import duckdb

        before = self.path.stat().st_size
        fresh = self.path.with_name(f".{self.path.name}.compact")
        fresh.unlink(missing_ok=True)
        with self._writable():
            pass  # nobody else writes, and what was left of a kill is settled
        connection = duckdb.connect()
        try:
            connection.execute(f"attach '{_quoted(self.path)}' as old (read_only)")
            connection.execute(f"attach '{_quoted(fresh)}' as new")
            connection.execute("copy from database old to new")
        except duckdb.Error as error:
            connection.close()
            fresh.unlink(missing_ok=True)
            raise ArchiveError(f"{self.path}: cannot be compacted ({str(error).splitlines()[0]})") from error
        connection.close()
        fresh.replace(self.path)
        return before, self.path.stat().st_size

    def export(self, folder: str | Path) -> list[Path]:
        """Write all tables as Parquet files into a folder that must not be there yet.

        Raises
        ------
        WriteError
            If it is there or cannot be written.
        """
        from sigsimnet._utils.files import write_folder

        target = Path(folder)
        if target.exists():
            raise WriteError(f"{folder}: is there already; name a new folder")
        names = ("recording", "template", "stretch", "beat", "left_out")
        with self._reading() as store, write_folder(target) as made:
            from pyarrow import parquet

            for name in names:
                parquet.write_table(store.connection.table(name).to_arrow_table(), made / f"{name}.parquet")
        return [target / f"{name}.parquet" for name in names]

    def info(self) -> dict[str, Any]:
        """Return what is in the index: numbers of rows, model, size."""
        with self._reading() as store:
            n = {
                name: int(store.rows(f"select count(*) from {name}")[0][0])  # noqa: S608
                for name in ("recording", "stretch", "beat")
            }
            people = len(people_of(store, store.wanted(None)))
            files = int(store.rows("select count(*) from left_out where what = 'file'")[0][0])
            low = store.rows("select coalesce(sum(n_segments), 0) from left_out where what = 'segments'")
            leads = [row[0] for row in store.rows("select lead from template group by lead order by count(*) desc")]
            hours = float(store.rows("select coalesce(sum(duration), 0) / 3600 from recording")[0][0])
            about = store.about
        return {
            "path": str(self.path),
            "model": about["model"],
            "model_digest": about["digest"],
            "recordings": n["recording"],
            "people": people,
            "hours": round(hours, 2),
            "stretches": n["stretch"],
            "beats": n["beat"],
            "leads": leads,
            "files_left_out": files,
            "segments_left_out": int(low[0][0]),
            "bytes": self.path.stat().st_size,
        }

    def recordings(self, where: str | None = None) -> list[dict[str, Any]]:
        """Return what is known of the recordings (of those that a condition holds of)."""
        with self._reading() as store:
            wanted = store.wanted(where)
            found = store.connection.execute(
                "select * exclude (state, digest) from recording where id in (select unnest(?)) order by id", [wanted]
            )
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def left_out(self) -> list[dict[str, Any]]:
        """Return the files that could not be used, and the segments of low quality, with the reasons."""
        with self._reading() as store:
            rows = store.rows("select path, what, n_segments, reason from left_out order by path")
        return [dict(zip(("path", "what", "n_segments", "reason"), row, strict=True)) for row in rows]

    # -- what is asked of it ----------------------------------------------------------------------------------------

    def search(
        self,
        query: Any = None,
        *,
        k: int = 10,
        level: str = "recording",
        where: str | None = None,
        exclude_same: str | None = None,
        person: str | None = None,
        channel: str | None = None,
        start: float | None = None,
        stop: float | None = None,
        name: str = "",
    ) -> SearchResult:
        """Find what is most similar.

        Parameters
        ----------
        query : Recording, path, (array, sampling_rate), DataFrame, or Template
        k : int, default 10
        level : {"beat", "stretch", "recording", "person"}
            What is found.
        where : str, optional
            An SQL condition on the columns of `recordings`: ``"age > 60 and session = '2'"``. It reaches nothing but
            the index.
        exclude_same : {"recording", "subject"}, optional
            Leave out the recording itself (by its path), or all of its person.
        person : str, optional
            Ask with all recordings of a person of the index, instead of ``query``; she is left out.
        channel : str, optional
            Look at this channel of the query only.
        start, stop : float, optional
            Ask with this part of the query, in s.
        name : str, optional
            What the query is called.

        Raises
        ------
        ParameterError
            If a setting is unknown, or the condition is none.
        SignalError, ReadError
            If the query cannot be read or holds nothing to compare.
        ArchiveError
            If the index cannot be read.
        """
        if level not in LEVELS:
            raise ParameterError(f"unknown level {level!r} (known: {', '.join(LEVELS)})")
        if exclude_same not in (None, *EXCLUDED):
            raise ParameterError(f"unknown exclude_same {exclude_same!r} (known: {', '.join(EXCLUDED)})")
        if (query is None) == (person is None):
            raise ParameterError("ask with a recording, or with a person of the index: one of the two")
        check_k(k)
        with self._reading() as store:
            wanted = store.wanted(where)
            every = store.wanted(None)
            if person is not None:
                mine = people_of(store, every).get(person)
                if mine is None:
                    raise ParameterError(f"{self.path}: has no person {person!r}")
                template = Template.of_several(list(templates_of(store, mine).values()))
                wanted, asked = [n for n in wanted if n not in set(mine)], person
            else:
                template, asked, path, subject = self._template(query, channel, start, stop, name)
                wanted = _without(store, wanted, exclude_same, path, subject)
            find = {"recording": search_recordings, "person": search_people}.get(level)
            filtered = len(every) - len(wanted)
            if find is not None:
                return find(store, self.model, template, wanted, k, asked, filtered)
            kept = set(wanted)
            gone = [n for n in every if n not in kept]
            rows = store.rows(f"select count(*) from {level} where recording in (select unnest(?))", [gone])  # noqa: S608
            return search_segments(store, self.model, template, wanted, k, asked, level, int(rows[0][0]))

    def search_many(self, queries: Sequence[Any], **options: Any) -> list[SearchResult]:
        """Return a result for each query; ``options`` are those of `search`."""
        with nullcontext() if self._held is not None else self:
            return [self.search(query, **options) for query in queries]

    def identify(
        self, query: Any, *, k: int = 5, fpir: float = 0.01, where: str | None = None, **options: Any
    ) -> Identified:
        """Say who it is, or that it is nobody of the index.

        The first of the ranked people is accepted where the score is higher than what strangers reach: every person of
        the index is held against all others, and the threshold is the score that a share ``fpir`` of these highest
        scores exceeds (open-set identification, Phillips, Grother & Micheals 2011).

        Parameters
        ----------
        query : as of `search`
        k : int, default 5
        fpir : float, default 0.01
            Share of strangers who may be taken for somebody of the index.
        where : str, optional
            As of `search`.
        **options
            ``channel``, ``start``, ``stop``, ``exclude_same``, ``name`` of `search`.

        Raises
        ------
        ParameterError, SignalError, ReadError, ArchiveError
            As `search`.
        """
        if not isinstance(fpir, float | int) or not 0 < fpir < 1:
            raise ParameterError(f"fpir is {fpir!r}: a share between 0 and 1")
        found = self.search(query, k=k, level="person", where=where, **options)
        best = self._of_strangers(where)
        n = len(best)
        if not found.hits:
            return Identified("cannot tell", "", "nobody to compare with", float("nan"), fpir, n, found)
        first = found.hits[0]
        who = first.subject or first.path
        if n < max(LEAST_STRANGERS, 1 / fpir):
            needed = int(max(LEAST_STRANGERS, np.ceil(1 / fpir)))
            reason = (
                f"{n} people in the index are too few to know what strangers score at {fpir:g}; {needed} are needed"
            )
            return Identified("cannot tell", "", f"{reason}; the most similar is {who}", float("nan"), fpir, n, found)
        threshold = float(np.quantile(best, 1 - fpir, method="higher"))
        if first.score > threshold:
            reason = f"score {first.score:.3f}; of {n} strangers {100 * fpir:g} % score above {threshold:.3f}"
            return Identified("known", who, reason, threshold, fpir, n, found)
        reason = f"the most similar, {who}, scores {first.score:.3f}: strangers do as well (threshold {threshold:.3f})"
        return Identified("nobody here", "", reason, threshold, fpir, n, found)

    # ---------------------------------------------------------------------------------------------------------------

    def _of_strangers(self, where: str | None) -> Any:
        """Return for each person the highest score with anybody else: what somebody who is not there would score."""
        with self._reading() as store:
            templates = templates_of(store, store.wanted(where))
            people = people_of(store, list(templates))
        every = [Template.of_several([templates[n] for n in mine]) for mine in people.values()]
        if len(every) < 2:
            return np.empty(0)
        scores = scores_of_templates(every, every)
        np.fill_diagonal(scores, np.nan)
        known = ~np.isnan(scores).all(axis=1)
        return np.nanmax(scores[known], axis=1)

    def _template(
        self, query: Any, channel: str | None, start: float | None, stop: float | None, name: str
    ) -> tuple[Template, str, str, str]:
        if isinstance(query, Template):
            return query, name or "template", "", ""
        recording: Recording = as_recording(query)
        asked = name or recording.source or "recording"
        if start is not None or stop is not None:
            recording = recording.crop(start or 0.0, stop)
            asked += f" ({start or 0:g} to {'its end' if stop is None else f'{stop:g} s'})"
        template = self.model.enrol(recording, channel)
        path = str(Path(query).resolve()) if isinstance(query, str | os.PathLike) else recording.source
        return template, asked, path, str(recording.metadata.get("subject", "") or "")

    def _writable(self) -> Store:
        self._let_go()
        if self.path.exists():
            return Store(self.path, write=True)
        if self.model.network is None:
            raise SignalError("the model has no network yet")
        name = self.model.name
        if Path(name).is_dir():  # a folder, found from wherever the index is used
            name = str(Path(name).resolve())
        make = {"dim": str(self.model.network.dim), "model": name, "digest": self.model.digest}
        return Store(self.path, write=True, make=make)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        if self._held is not None:
            yield self._held
        else:
            with Store(self.path) as store:
                yield store

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def __enter__(self) -> Self:
        """Hold the file open for reading, for many searches."""
        if self._held is None:
            self._held = Store(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()


def _without(store: Store, wanted: list[int], exclude: str | None, path: str, subject: str) -> list[int]:
    if exclude is None:
        return wanted
    rows = store.rows("select id, subject from recording where path = ?", [path])
    gone = {int(row[0]) for row in rows}
    if exclude == "subject":
        whose = {row[1] for row in rows if row[1]} | ({subject} if subject else set())
        if not whose:
            raise ParameterError("exclude_same='subject': nobody says whose the query is; it is not in the index")
        gone |= {int(row[0]) for row in store.rows("select id from recording where subject in (select unnest(?))",
                                                   [sorted(whose)])}  # fmt: skip
    return [n for n in wanted if n not in gone]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
