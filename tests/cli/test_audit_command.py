"""`sigsimnet audit`."""

from __future__ import annotations

import csv

import pytest
from typer.testing import CliRunner

from sigsimnet import simulate, write
from sigsimnet.cli import app
from sigsimnet.errors import ReadError, WorkInterrupted, WriteError


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "archive"
    for one in simulate(3, 2, duration=20, seed=3):
        own = there / one.metadata["subject"]
        own.mkdir(parents=True, exist_ok=True)
        write(one, own / f"session{one.metadata['session']}.csv")
    (there / "S03" / "copy.csv").write_bytes((there / "S01" / "session1.csv").read_bytes())
    return there


def run(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_folder(folder, tmp_path):
    done = run(folder, "-o", tmp_path / "found.csv", "--page", tmp_path / "found.html", "--people", "folder")
    assert done.exit_code == 0, done.output
    assert "same file 1" in done.stdout
    with (tmp_path / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ("same file", "1.0") in {(row["kind"], row["confidence"]) for row in rows}
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert "copy.csv" in page
    before = (tmp_path / "found.csv").read_bytes()
    kept = (tmp_path / "found.seen.jsonl").read_bytes()
    assert run(folder, "-o", tmp_path / "found.csv", "--people", "folder").exit_code == 0
    assert (tmp_path / "found.csv").read_bytes() == before
    assert (tmp_path / "found.seen.jsonl").read_bytes() == kept


def test_table_within_the_folder_is_no_recording(folder):
    first = run(folder, "-o", folder / "found.csv")
    assert first.exit_code == 0, first.output
    again = run(folder, "-o", folder / "found.csv", "--json")
    assert '"n_recordings": 7' in again.stdout


def test_what_it_refuses(folder, tmp_path):
    (tmp_path / "mine.csv").write_text("time,value\n0,1\n")
    assert isinstance(run(folder, "-o", tmp_path / "mine.csv").exception, WriteError)
    assert (tmp_path / "mine.csv").read_text() == "time,value\n0,1\n"
    assert isinstance(run(folder, "-o", tmp_path / "found.txt").exception, WriteError)
    assert "no such folder or table" in str(run(tmp_path / "nowhere", "-o", tmp_path / "found.csv").exception)
    (tmp_path / "empty").mkdir()
    assert isinstance(run(tmp_path / "empty", "-o", tmp_path / "found.csv").exception, ReadError)


def test_a_recording_is_never_written_over(folder, tmp_path):
    table = tmp_path / "table.csv"
    rows = [f"{path},{path.parent.name}" for path in sorted(folder.rglob("*.csv"))]
    table.write_text("\n".join(["path,subject", *rows, ""]))
    first = folder / "S01" / "session1.csv"
    before = first.read_bytes()
    for archive in (folder, table):
        for target in (first, table if archive == table else first):
            done = run(archive, "-o", target, "--force")
            assert isinstance(done.exception, WriteError), done.output
    assert first.read_bytes() == before
    assert run(table, "-o", tmp_path / "found.csv", "--json").exit_code == 0


def test_stopped_it_says_what_is_kept(folder, tmp_path, monkeypatch):
    from sigsimnet.audits import _audit

    seen = []

    def look(entry, model):
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(real(entry, model))
        return seen[-1]

    real = _audit.look
    monkeypatch.setattr(_audit, "look", look)
    done = run(folder, "-o", tmp_path / "found.csv")
    assert isinstance(done.exception, WorkInterrupted)
    assert "goes on from there" in str(done.exception)
    assert not (tmp_path / "found.csv").exists()
    assert len((tmp_path / "found.seen.jsonl").read_text().splitlines()) == 4
    monkeypatch.setattr(_audit, "look", real)
    assert run(folder, "-o", tmp_path / "found.csv").exit_code == 0
