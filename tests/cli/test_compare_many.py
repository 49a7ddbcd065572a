"""A folder or a table of pairs: a row each, and going on where it stopped."""

from __future__ import annotations

import csv

import pytest
from typer.testing import CliRunner

from sigsimnet import simulate, write
from sigsimnet.cli import app
from sigsimnet.errors import ReadError, WorkInterrupted, WriteError


@pytest.fixture
def folder(tmp_path):
    below = tmp_path / "records"
    below.mkdir()
    recordings = simulate(2, 2, duration=20, seed=1)[:3]
    for name, recording in zip(("a1", "a2", "b1"), recordings, strict=True):
        write(recording, below / f"{name}.csv")
    (below / "broken.csv").write_text("nothing\n")
    return below


def run(*arguments):
    return CliRunner().invoke(app, ["compare-many", *map(str, arguments)])


def rows_of(path):
    with path.open(newline="") as file:
        return {(row["a"].rpartition("/")[2], row["b"].rpartition("/")[2]): row for row in csv.DictReader(file)}


def test_all_pairs_of_a_folder(folder, tmp_path):
    done = run(folder, "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == 6
    assert rows["a1.csv", "a2.csv"]["verdict"] == "same"
    assert rows["a1.csv", "b1.csv"]["verdict"] != "same"
    assert float(rows["a1.csv", "b1.csv"]["score"]) < float(rows["a1.csv", "a2.csv"]["score"])
    assert rows["b1.csv", "broken.csv"]["verdict"] == "cannot tell"
    assert "broken.csv" in rows["b1.csv", "broken.csv"]["reason"]
    assert "6 pairs:" in " ".join(done.stdout.split())


def test_goes_on_where_it_stopped(folder, tmp_path):
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    run(folder, "-o", whole)
    lines = whole.read_text().splitlines(keepends=True)
    part.write_text("".join(lines[:3]))
    done = run(folder, "-o", part)
    assert "2 were there already" in " ".join(done.stdout.split())
    assert part.read_text() == whole.read_text()


def test_against_one_and_table_of_pairs(folder, tmp_path):
    run(folder, "-o", tmp_path / "one.csv", "--against", folder / "a1.csv")
    rows = rows_of(tmp_path / "one.csv")
    assert {a for a, _ in rows} == {"a1.csv"}
    assert rows["a1.csv", "a1.csv"]["same_samples"] == "1.00"
    (tmp_path / "pairs.csv").write_text("a,b,note\nrecords/a1.csv,records/a2.csv,x\n")
    run(tmp_path / "pairs.csv", "-o", tmp_path / "two.csv")
    assert list(rows_of(tmp_path / "two.csv")) == [("a1.csv", "a2.csv")]


def test_what_it_refuses(folder, tmp_path):
    assert isinstance(run(tmp_path / "no", "-o", tmp_path / "x.csv").exception, ReadError)
    (tmp_path / "empty").mkdir()
    assert "no pair" in str(run(tmp_path / "empty", "-o", tmp_path / "x.csv").exception)
    (tmp_path / "pairs.csv").write_text("left,right\n1,2\n")
    assert "columns a and b (there are: left, right)" in str(
        run(tmp_path / "pairs.csv", "-o", tmp_path / "x.csv").exception
    )
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    assert isinstance(run(folder, "-o", tmp_path / "mine.csv").exception, WriteError)
    run(folder, "-o", tmp_path / "out.csv", "--against", folder / "a1.csv")
    assert "holds other pairs" in str(run(folder / ".." / "records", "-o", tmp_path / "out.csv").exception)


def test_table_in_the_folder_and_another_model(folder, tmp_path):
    first = run(folder, "-o", folder / "pairs.csv")
    assert first.exit_code == 0, first.output
    again = run(folder, "-o", folder / "pairs.csv")
    assert "6 were there already" in " ".join(again.stdout.split())
    text = (folder / "pairs.csv").read_text()
    (folder / "pairs.csv").write_text(text.replace(",ecg,", ",mine,"))
    assert "holds answers of the model 'mine'" in str(run(folder, "-o", folder / "pairs.csv").exception)
    (folder / "pairs.csv").write_text(text.splitlines(keepends=True)[0])  # stopped before the first answer
    assert "0 were there already" in " ".join(run(folder, "-o", folder / "pairs.csv").stdout.split())


def test_a_table_of_pairs_is_never_written_over(folder, tmp_path):
    table = tmp_path / "pairs.csv"
    table.write_text("a,b\nrecords/a1.csv,records/a2.csv\n")
    for more in ((), ("--force",)):
        assert isinstance(run(table, "-o", table, *more).exception, WriteError)
    assert table.read_text().startswith("a,b\nrecords")


def test_a_recording_is_never_written_over(folder, tmp_path):
    before = (folder / "a1.csv").read_bytes()
    for more in ((), ("--force",)):
        assert isinstance(run(folder, "-o", folder / "a1.csv", *more).exception, WriteError)
    assert (folder / "a1.csv").read_bytes() == before


def test_stopped_it_says_what_is_there(folder, tmp_path, monkeypatch):
    from sigsimnet.cli import _compare_many

    real, answered = _compare_many._answer, []

    def answer(network, pair, held):
        if len(answered) == 2:
            raise KeyboardInterrupt
        answered.append(pair)
        return real(network, pair, held)

    monkeypatch.setattr(_compare_many, "_answer", answer)
    done = run(folder, "-o", tmp_path / "out.csv")
    assert isinstance(done.exception, WorkInterrupted)
    assert "2 of 6 pairs are in" in str(done.exception)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 3
