"""`Index`: an archive in one file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

from sigsimnet._utils.checks import check_count
from sigsimnet.archive._add import Added, add
from sigsimnet.archive._duplicates import NearDuplicate, near_duplicates
from sigsimnet.archive._engines import engine_of
from sigsimnet.archive._hits import Identified, SearchResult
from sigsimnet.archive._identify import decide_who, scores_of_strangers
from sigsimnet.archive._map import Map, map_of
from sigsimnet.archive._open import is_there, open_store
from sigsimnet.archive._query import EXCLUDED, Query, query_of, without_same
from sigsimnet.archive._search import (
    people_in,
    people_of,
    search_people,
    search_recordings,
    search_segments,
    templates_of,
)
from sigsimnet.archive._store import COLUMNS, LEVELS, Store, is_url, shown
from sigsimnet.archive._upkeep import export
from sigsimnet.datasets import entries_in
from sigsimnet.errors import ArchiveError, ModelError, ParameterError, ReadError, SignalError
from sigsimnet.model import SigSimNet, Template, load_model
from sigsimnet.segments import MIN_GOOD_FRACTION, check_min_good_fraction

__all__ = ["Index"]


class Index:
    """Recordings in one searchable file (DuckDB), at four levels: beats, stretches of 10 s, recordings, people.

    Every search is exact: all rows that a filter leaves are compared. One process at a time writes; while it does
    nobody reads. What was added is there whole, whatever happens to the process afterwards. ``with Index(path) as
    index:`` holds the file open for reading, which saves 15 ms a search.

    Parameters
    ----------
    path : str or Path
        The file. It is made by the first `add`. Or the URL of a PostgreSQL server with pgvector,
        ``postgresql://user@host/database?schema=name``: there others read while one writes.
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
        self._where: str | Path = path if is_url(path) else Path(path)
        self.path = shown(path) if is_url(path) else Path(path)
        self._held: Store | None = None
        about: dict[str, str] = {}
        if is_there(self._where):
            with open_store(self._where) as store:
                about = store.about
        elif isinstance(self._where, Path) and not self._where.resolve().parent.is_dir():
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
        return f"<Index {self.path}: {self.info()['recordings'] if is_there(self._where) else 0} recordings>"

    # -- what is in it ----------------------------------------------------------------------------------------------

    def add(
        self,
        what: Any,
        *,
        min_good_fraction: float | None = None,
        workers: int = 1,
        engine: str = "local",
        work: str | Path | None = None,
        engine_options: Mapping[str, str] | None = None,
        retry: bool = False,
        progress: bool = True,
    ) -> Added:
        """Add recordings; those that are there and have not changed are skipped, moved files are recognised.

        Parameters
        ----------
        what : path of a folder, pattern, path of a table, or whatever `sigsimnet.datasets.entries_in` takes
            Also far away: ``s3://bucket/holters``, or another URL that fsspec knows. A table also says whose
            recordings they are (``subject``, ``session``, ``label``, ``database``).
        min_good_fraction : float, optional
            Share of a segment that must lie in seconds of good quality; others are left out and counted. One for a
            whole index: 0.5 where the first `add` does not say another.
        workers : int, default 1
            Processes that read, cut and encode; the index is the same to the bit. A recording that kills its process is
            set aside, with the reason. In a script the call stands under ``if __name__ == "__main__":``.
        engine : {"local", "dask", "slurm"}, default "local"
            Where the workers are: processes of this machine, a Dask cluster, or jobs of Slurm (docs/scale.md). The
            index is the same to the bit.
        work : str or Path, optional
            Of Dask and Slurm: a folder or URL that all machines reach; what comes of a few recordings is written there
            and taken into the index when its turn has come. Stopped and called again, what is there is not made again.
        engine_options : mapping of str to str, optional
            Of Dask ``scheduler``, its address (without it workers are started here); of Slurm what submitit takes
            (``slurm_partition``, ``timeout_min``, ``mem_gb`` …).
        retry : bool, default False
            Read anew what could not be used before and has not changed, such as after installing what it needs.
        progress : bool, default True

        Raises
        ------
        ReadError
            If there is nothing to read, or nothing of it could be used for a new index.
        ParameterError
            If the index was made with another ``min_good_fraction``, or the engine or its options are unknown.
        MissingExtraError
            If the engine, or fsspec, is not installed.
        ArchiveError, WriteError
            If the index is held by another process or cannot be written; what was there stays.
        WorkInterrupted
            On Ctrl-C: whole recordings are kept, and the same call goes on.
        """
        check_count(workers, "workers")
        if min_good_fraction is not None:
            check_min_good_fraction(min_good_fraction)
        runs = engine_of(
            engine, workers=workers, work=None if work is None else os.fspath(work), options=engine_options
        )
        entries = entries_in(what)
        fresh = not is_there(self._where)
        with self._writable(MIN_GOOD_FRACTION if min_good_fraction is None else min_good_fraction) as store:
            kept = float(store.about["min_good_fraction"])
            if min_good_fraction not in (None, kept):
                raise ParameterError(
                    f"{self.path}: was made with min_good_fraction {kept:g}; make a new index for {min_good_fraction:g}"
                )
            found = add(store, self.model, entries, runs, retry=retry, progress=progress)
            nothing = fresh and bool(found.failed) and not found.n_new
            if nothing:
                store.drop()
        if nothing:
            raise ReadError(
                f"nothing could be used of {len(found.failed)} recordings; the first says: {found.failed[0]}"
            )
        return found

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
        with self._writable() as store, store.writing():
            store.delete(gone)
        return len(gone)

    def compact(self) -> tuple[int, int]:
        """Give back the room of what was removed; return the size before and after, in bytes.

        Raises
        ------
        ArchiveError, WriteError
            If another process holds the index, or it cannot be written; what was there stays.
        """
        with self._writable() as store:
            before = store.size()
            store.compact()
        with self._reading() as store:
            return before, store.size()

    def export(self, folder: str | Path) -> list[Path]:
        """Write all tables as Parquet files into a folder that must not be there yet.

        Raises
        ------
        WriteError
            If it is there or cannot be written.
        """
        with self._reading() as store:
            return export(store, Path(folder))

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
            about, size = store.about, store.size()
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
            "min_good_fraction": float(about["min_good_fraction"]),
            "files_left_out": files,
            "segments_left_out": int(low[0][0]),
            "bytes": size,
        }

    def recordings(self, where: str | None = None) -> list[dict[str, Any]]:
        """Return what is known of the recordings (of those that a condition holds of)."""
        with self._reading() as store:
            names = [name for name in COLUMNS["recording"] if name not in ("state", "digest")]
            found = store.rows(
                f"select {', '.join(names)} from recording where id in (select unnest(?::bigint[])) "  # noqa: S608
                "order by id",
                [store.wanted(where)],
            )
        return [dict(zip(names, row, strict=True)) for row in found]

    def left_out(self) -> list[dict[str, Any]]:
        """Return files that could not be used, segments of low quality, and channels that were estimated, and why."""
        with self._reading() as store:
            names = ("path", "start", "stop", "channel", "what", "n_segments", "reason")
            found = store.rows(f"select {', '.join(names)} from left_out order by path, start")  # noqa: S608
        return [dict(zip(names, row, strict=True)) for row in found]

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
        exact: bool = True,
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
            Ask with this part of the query, in s since its first sample; a single beat will do.
        name : str, optional
            What the query is called.
        exact : bool, default True
            Of beats: False compares those of the 200 recordings alone whose stretches are most alike. That is six times
            as fast among ten million beats, and misses half of what is nearest to somebody who is not in the index
            (docs/scale.md); what was passed over is said.

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
        check_count(k, "k")
        with self._reading() as store:
            wanted = store.wanted(where)
            every = store.wanted(None)
            if person is not None:
                mine = people_of(store, every).get(person)
                if mine is None:
                    raise ParameterError(f"{self.path}: has no person {person!r}")
                asked = Query(Template.of_several(list(templates_of(store, mine).values())), person)
                wanted = [n for n in wanted if n not in set(mine)]
            else:
                asked = query_of(self.model, query, channel=channel, start=start, stop=stop, name=name)
                wanted = without_same(store, wanted, exclude_same, asked)
            find = {"recording": search_recordings, "person": search_people}.get(level)
            if find is None:
                return search_segments(store, self.model, asked.template, wanted, k, asked.name, level, exact=exact)
            return find(store, self.model, asked.template, wanted, k, asked.name, len(every) - len(wanted))

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
        with self._reading() as store:
            people, _ = people_in(store, store.wanted(where))
        return decide_who(found, scores_of_strangers(list(people.values())), fpir)

    # -- what lies in it as a whole ---------------------------------------------------------------------------------

    def near_duplicates(self, *, where: str | None = None, progress: bool = True) -> list[NearDuplicate]:
        """Find recordings that hold the same signal, in whole or in part, whatever they are called.

        Recordings whose templates are alike are laid over each other where a run of six intervals from beat to beat is
        the same. They are near-duplicates where 80 % of the beats in the time that both cover, and ten at least,
        coincide within 15 ms and look alike: a copy at another sampling rate or gain, cut shorter, with noise. A steady
        pacemaker's rhythm can look so, too.

        Parameters
        ----------
        where : str, optional
            Among these recordings only, as of `search`.
        progress : bool, default True

        Returns
        -------
        list of NearDuplicate
            Those with the most beats in common first.

        Raises
        ------
        ParameterError
            If the index is of windows, which lie at no times of their own.
        """
        if self.model.cutter.kind == "windows":
            raise ParameterError(f"{self.path}: is of windows; near-duplicates are found by the times of beats")
        with self._reading() as store:
            return near_duplicates(store, store.wanted(where), progress=progress)

    def map(self, *, where: str | None = None, min_size: int = 3, seed: int = 0) -> Map:
        """Lay recordings out in two dimensions, those that are alike together, and find groups of them.

        Groups are dense regions of the templates (HDBSCAN, Campello, Moulavi & Sander 2013,
        doi:10.1007/978-3-642-37456-2_14), places are by t-SNE (van der Maaten & Hinton 2008); both scikit-learn's. On
        the map neighbours count; sizes of gaps and of groups mean nothing.

        Parameters
        ----------
        where : str, optional
            These recordings only, as of `search`.
        min_size : int, default 3
            Fewest recordings of a group.
        seed : int, default 0

        Raises
        ------
        MissingExtraError
            If scikit-learn is not installed.
        SignalError
            If fewer than four recordings have the same leads.
        ParameterError
            If ``min_size`` is below 2.
        """
        check_count(min_size, "min_size", least=2)
        recordings = self.recordings(where)
        with self._reading() as store:
            return map_of(store, recordings, min_size=min_size, seed=seed)

    # ---------------------------------------------------------------------------------------------------------------

    def _writable(self, min_good_fraction: float = MIN_GOOD_FRACTION) -> Store:
        self._let_go()
        if is_there(self._where):
            return open_store(self._where, write=True)
        if self.model.network is None:
            raise SignalError("the model has no network yet")
        name = self.model.name
        if (Path(name) / "config.json").is_file():  # a folder, found from wherever the index is used
            name = str(Path(name).resolve())
        make = {
            "dim": str(self.model.network.dim),
            "model": name,
            "digest": self.model.digest,
            "min_good_fraction": repr(float(min_good_fraction)),
        }
        return open_store(self._where, write=True, make=make)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        if self._held is not None:
            yield self._held
        else:
            with open_store(self._where) as store:
                yield store

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def __enter__(self) -> Self:
        """Hold the file open for reading, for many searches."""
        if self._held is None:
            self._held = open_store(self._where)
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()
