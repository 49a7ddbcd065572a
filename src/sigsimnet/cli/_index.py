"""`sigsimnet index`, `search` and `identify`: an archive in one file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_notes, print_table
from sigsimnet.cli._targets import PAGE, Force, check_apart, claim

if TYPE_CHECKING:
    from sigsimnet.archive import SearchResult

__all__ = ["identify", "index", "search"]

MOST_NOTES = 10
MOST_CELL = 60  # characters

IndexFile = Annotated[str, typer.Option("--index", help="The index: one file (or postgresql://user@host/database).")]
Where = Annotated[
    str | None,
    typer.Option(help="Condition on the recordings, in SQL: \"age > 60 and session = '2'\" (columns: index info)."),
]
Start = Annotated[float | None, typer.Option(help="Ask with the part of the file from here on, in s.")]
Stop = Annotated[float | None, typer.Option(help="Ask with the part of the file up to here, in s.")]
Model = Annotated[
    str | None, typer.Option(help="Where the model of the index lies now: a folder or a name. [as the index says]")
]
Channel = Annotated[str | None, typer.Option(help="Look at this channel of the query only.")]

index = typer.Typer(
    name="index",
    help="Make an archive of recordings searchable: one file, added to, looked at, written out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@index.command()
def add(
    archive: Annotated[
        str, typer.Argument(help="A folder, a pattern in quotes, a table with a column path; also s3://.")
    ],
    *,
    index: IndexFile,
    model: Annotated[
        str | None, typer.Option(help="Model of a new index: a folder, or a name of the package. [ecg]")
    ] = None,
    min_good_fraction: Annotated[
        float | None,
        typer.Option(help="Share of a segment that must lie in seconds of good quality; one for an index. [0.5]"),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read anew what could not be used before.")] = False,
    workers: Annotated[int, typer.Option(help="Processes that read and encode, or jobs at a time.", min=1)] = 1,
    engine: Annotated[str, typer.Option(help="Where they are: local, dask, or slurm.")] = "local",
    work: Annotated[
        str | None, typer.Option(help="Of dask and slurm: a folder or URL for shards that all machines reach.")
    ] = None,
    engine_option: Annotated[
        list[str] | None,
        typer.Option(help="Of dask scheduler=ADDRESS; of slurm slurm_partition=NAME, timeout_min=60, mem_gb=4, ..."),
    ] = None,
    json: Json = False,
) -> None:
    """Add recordings: what is there and unchanged is skipped, moved files are recognised.

    Ctrl-C, or even a kill, leaves whole recordings in the index; the same command goes on from there.
    """
    from time import monotonic

    from sigsimnet.archive import Index

    began = monotonic()
    made = Index(index, model)
    options = dict(_pair(one) for one in engine_option or [])
    found = made.add(
        archive,
        min_good_fraction=min_good_fraction,
        workers=workers,
        engine=engine,
        work=work,
        engine_options=options,
        retry=retry,
    )
    took = monotonic() - began
    about = made.info()
    if json:
        counts = {
            name: getattr(found, name)
            for name in ("n_new", "n_changed", "n_unchanged", "n_moved", "n_refused", "n_beats")
        }
        print_json({**counts, "failed": list(found.failed), "seconds": round(took, 2), "index": about})
        return
    rate = f", {found.n_beats / took:,.0f} segments/s" if found.n_beats and took > 0 else ""
    typer.echo(
        f"{index}: {found.n_new} new, {found.n_changed} changed, {found.n_unchanged} unchanged, {found.n_moved} moved, "
        f"{len(found.failed)} failed, in {took:.1f} s{rate}"
    )
    if found.n_refused:
        typer.echo(f"{found.n_refused} could not be used before and have not changed: --retry reads them anew")
    typer.echo(
        f"it holds {about['recordings']} recordings of {about['people']} people, {about['hours']:g} h, "
        f"{about['beats']:,} {'rows of ' if len(about['leads']) > 1 else ''}segments, {about['bytes'] / 1e6:.0f} MB"
    )
    print_notes(found.failed[:MOST_NOTES])
    if len(found.failed) > MOST_NOTES:
        print_notes([f"{len(found.failed) - MOST_NOTES} more failed: sigsimnet index info --index {index} --left-out"])


def _pair(option: str) -> tuple[str, str]:
    from sigsimnet.errors import ParameterError

    name, sign, value = option.partition("=")
    if not (name and sign and value):
        raise ParameterError(f"--engine-option {option!r}: is not NAME=VALUE")
    return name, value


@index.command()
def remove(*, index: IndexFile, where: Annotated[str, typer.Option(help="Which recordings, in SQL.")]) -> None:
    """Remove the recordings that a condition holds of."""
    from sigsimnet.archive import Index

    n = Index(index).remove(where)
    typer.echo(f"{index}: removed {n} recordings; sigsimnet index compact gives their room back")


@index.command()
def info(
    *,
    index: IndexFile,
    where: Where = None,
    left_out: Annotated[bool, typer.Option("--left-out", help="List what could not be used, and why.")] = False,
    json: Json = False,
) -> None:
    """Say what is in an index; with --where list the recordings."""
    from sigsimnet.archive import Index

    one = Index(index)
    about = one.info()
    recordings = one.recordings(where) if where is not None else []
    out = one.left_out() if left_out else []
    if json:
        listed = [{name: str(value) if name == "added" else value for name, value in row.items()} for row in recordings]
        print_json(
            about
            | ({"recordings_found": listed} if where is not None else {})
            | ({"left_out": out} if left_out else {})
        )
        return
    for name, value in about.items():
        typer.echo(f"{name.replace('_', ' '):18s} {', '.join(value) if isinstance(value, list) else value}")
    if where is not None:
        _table(recordings, ("id", "path", "subject", "session", "label", "age", "duration", "n_segments"), "recordings")
    if left_out:
        _table(out, ("path", "start", "what", "n_segments", "reason"), "left out")


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...], title: str) -> None:
    cells = [tuple("" if row[name] is None else str(row[name]) for name in columns) for row in rows]
    print_table(columns, cells, title=f"{len(rows)} {title}")


@index.command()
def duplicates(
    *,
    index: IndexFile,
    where: Where = None,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Write the pairs to this CSV.")] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Find recordings that hold the same signal, in whole or in part, whatever they are called."""
    from sigsimnet.archive import DUPLICATE_ROW, Index

    if output:
        claim(
            output, force=force, command="index duplicates", endings=(".csv",), what="pairs are a table", inputs=[index]
        )
    found = Index(index).near_duplicates(where=where, progress=not json)
    if output:
        names = ("path_a", "path_b", "subject_a", "subject_b", "offset", "n_beats", "share", "likeness")
        _write_rows(output, names, [pair.to_dict() for pair in found])
    if json:
        print_json({"pairs": [pair.to_dict() for pair in found]})
        return
    if found:
        print_table(DUPLICATE_ROW, [_short(pair.row()) for pair in found], title=index)
    typer.echo(f"{len(found)} pairs of recordings hold the same signal")
    if output:
        typer.echo(f"wrote {output}")


@index.command(name="map")
def map_(
    *,
    index: IndexFile,
    where: Where = None,
    min_size: Annotated[int, typer.Option(help="Fewest recordings of a group.", min=2)] = 3,
    seed: Annotated[int, typer.Option(help="Of the places on the map.")] = 0,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write group and place of each recording to this CSV.")
    ] = None,
    page: Annotated[str | None, typer.Option(help="Draw the map, to look around in (.html).")] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Find groups of recordings that are alike, and lay them out on a map."""
    from sigsimnet.archive import MAP_ROW, Index

    if output:
        claim(output, force=force, command="index map", endings=(".csv",), what="groups are a table", inputs=[index])
    if page:
        check_apart(output, page)
        claim(page, force=force, command="index map", endings=PAGE, what="pictures need a page", inputs=[index])
    found = Index(index).map(where=where, min_size=min_size, seed=seed)
    if output:
        names = ("id", "path", "subject", "label", "group", "x", "y")
        _write_rows(output, names, found.to_dict()["recordings"])
    if page:
        from sigsimnet.reports import map_page

        map_page(found, page)
    if json:
        print_json(found.to_dict())
        return
    print_table(MAP_ROW, [_short(row) for row in found.rows()], title=index)
    left = f"; {found.n_without} lack one of these leads" if found.n_without else ""
    typer.echo(f"{len(found.recordings)} recordings, compared by {', '.join(found.leads)}{left}")
    for written in (output, page):
        if written:
            typer.echo(f"wrote {written}")


@index.command()
def compact(*, index: IndexFile) -> None:
    """Give back the room of what was removed."""
    from sigsimnet.archive import Index

    before, after = Index(index).compact()
    typer.echo(f"{index}: {before / 1e6:.1f} MB, now {after / 1e6:.1f} MB")


@index.command()
def export(
    folder: Annotated[str, typer.Argument(help="Folder to write: recording, template, stretch, beat, left_out.")],
    *,
    index: IndexFile,
) -> None:
    """Write the tables of an index as Parquet files, for other programs."""
    from sigsimnet.archive import Index

    for path in Index(index).export(folder):
        typer.echo(f"wrote {path}")


def search(
    query: Annotated[
        list[str] | None, typer.Argument(help="Recordings to ask with; several give several answers.")
    ] = None,
    *,
    index: IndexFile,
    k: Annotated[int, typer.Option("-k", help="How many hits.", min=1)] = 10,
    level: Annotated[str, typer.Option(help="What to find: beat, stretch (10 s), recording, or person.")] = "recording",
    where: Where = None,
    exclude_same: Annotated[
        str | None, typer.Option(help="Leave out the recording itself, or all of its subject: recording or subject.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Ask with a person of the index instead of a file.")] = None,
    channel: Channel = None,
    start: Start = None,
    stop: Stop = None,
    two_stages: Annotated[
        bool,
        typer.Option(
            "--two-stages",
            help="Of beats: compare only those of the 200 recordings whose stretches are most alike. Faster among "
            "millions; misses much of what is nearest to somebody who is not there.",
        ),
    ] = False,
    model: Model = None,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Write the hits to this CSV.")] = None,
    page: Annotated[
        str | None, typer.Option(help="Draw the hits' beats over those of the query (one query; .html).")
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Find what is most similar: exact, among all rows that the condition leaves."""
    from sigsimnet.archive import Index
    from sigsimnet.errors import ParameterError

    queries = list(query or [])
    if bool(queries) == (person is not None):
        raise ParameterError("ask with a recording, or with --person of the index: one of the two")
    if output:
        claim(
            output, force=force, command="search", endings=(".csv",), what="hits are a table", inputs=[index, *queries]
        )
    if page:
        if len(queries) > 1:
            raise ParameterError("--page draws the hits of one query: ask with one")
        check_apart(output, page)
        inputs = [index, *queries]
        claim(page, force=force, command="search", endings=PAGE, what="pictures need a page", inputs=inputs)
    one = Index(index, model)
    options: dict[str, Any] = {"k": k, "level": level, "where": where, "exclude_same": exclude_same}
    options["exact"] = not two_stages
    if person is not None:
        found = [one.search(person=person, **options)]
    else:
        found = one.search_many(queries, channel=channel, start=start, stop=stop, **options)
    if output:
        _write(output, found)
    if page:
        from sigsimnet.reports import search_page

        query_drawn = queries[0] if queries else None
        search_page(found[0], one, query_drawn, page, channel=channel, start=start, stop=stop)
    if json:
        print_json({"results": [result.to_dict() for result in found]})
        return
    for result in found:
        _show(result)
    for written in (output, page):
        if written:
            typer.echo(f"wrote {written}")


def identify(
    query: Annotated[str, typer.Argument(help="Recording of somebody.")],
    *,
    index: IndexFile,
    k: Annotated[int, typer.Option("-k", help="How many people to rank.", min=1)] = 5,
    fpir: Annotated[float, typer.Option(help="Share of strangers who may be taken for somebody of the index.")] = 0.01,
    where: Where = None,
    exclude_same: Annotated[str | None, typer.Option(help="recording: leave out the recording itself.")] = None,
    channel: Channel = None,
    start: Start = None,
    stop: Stop = None,
    model: Model = None,
    json: Json = False,
) -> None:
    """Say who it is among the people of an index, or that it is none of them."""
    from sigsimnet.archive import Index

    found = Index(index, model).identify(
        query, k=k, fpir=fpir, where=where, exclude_same=exclude_same, channel=channel, start=start, stop=stop
    )
    if json:
        print_json(found.to_dict())
        return
    typer.echo(f"{found.verdict}{f': {found.person}' if found.person else ''}")
    typer.echo(found.reason)
    _show(found.found)


def _show(found: SearchResult) -> None:
    from sigsimnet.archive import ROW

    print_table(ROW, [_short(row) for row in found.rows()], title=found.query)
    typer.echo("; ".join(found.in_words()))


def _short(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row whose long paths have lost their beginnings."""
    return tuple(cell if len(cell) < MOST_CELL else f"…{cell[2 - MOST_CELL :]}" for cell in row)


def _write(path: str, found: list[SearchResult]) -> None:
    from sigsimnet.archive._hits import COLUMNS

    rows = [{"query": result.query, **hit.to_dict()} for result in found for hit in result.hits]
    _write_rows(path, ("query", *COLUMNS), rows)


def _write_rows(path: str, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    from sigsimnet._utils.files import write_whole

    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)
