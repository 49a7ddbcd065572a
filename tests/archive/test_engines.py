"""The same index to the bit from every engine, whatever dies on the way."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
pytest.importorskip("pyarrow", reason="an index needs Arrow: pip install 'sigsimnet[search]'")

from sigsimnet import Index, Recording, simulate
from sigsimnet.archive._engines import engine_of
from sigsimnet.archive._shards import Place, merged, planned, run_shard
from sigsimnet.archive._work import Task, rows_of
from sigsimnet.datasets import as_dataset
from sigsimnet.errors import ParameterError
from sigsimnet.io import write


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder of five recordings, one of them of noise, and a table of them."""
    folder = tmp_path_factory.mktemp("files")
    lines = ["path,subject"]
    for number, one in enumerate(simulate(2, 2, duration=20, seed=3)):
        write(one, folder / f"r{number:02d}.csv")
        lines.append(f"r{number:02d}.csv,{one.metadata['subject']}")
    write(Recording(np.random.default_rng(0).normal(size=5000), 250, channel_names=["ECG"]), folder / "r04.csv")
    lines.append("r04.csv,noise")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    return folder


def contents(index):
    import duckdb

    with duckdb.connect(str(index.path), read_only=True) as connection:

        def rows(sql):
            return connection.execute(sql).fetchall()

        return {
            "recording": rows("select * exclude (added) from recording order by id"),
            "left_out": rows("select * from left_out order by path"),
            **{table: rows(f"select * from {table}") for table in ("template", "stretch", "beat")},
        }


@pytest.fixture(scope="module")
def here(files, tmp_path_factory):
    index = Index(tmp_path_factory.mktemp("here") / "a.index")
    index.add(files / "table.csv", progress=False)
    return index


def test_a_shard_brings_back_every_bit(files, here, tmp_path):
    entries = list(as_dataset(str(files / "table.csv")))
    tasks = [Task(entry, number, entry.path, f"state {number}", f"digest {number}") for number, entry in
             enumerate(entries, 7)]  # fmt: skip
    place = Place(str(tmp_path / "shards"))
    shards = planned(tasks, place, here.model, 0.5, workers=1)
    assert [len(one.tasks) for one in shards] == [1] * 5
    assert len({one.name for one in shards}) == 5
    for shard in shards:
        assert run_shard(shard, place.where) == shard.name
    for shard in shards:
        [(task, rows)] = merged(shard, place)
        expected = rows_of(task, here.model, 0.5)
        assert rows.recording == expected.recording
        assert rows.left_out == expected.left_out
        assert (rows.reason, rows.n) == (expected.reason, expected.n)
        for part in ("template", "stretch", "beat"):
            for one, other in zip(getattr(rows, part), getattr(expected, part), strict=True):
                assert one.keys() == other.keys()
                for name in one:
                    np.testing.assert_array_equal(one[name], other[name])
                    assert np.asarray(one[name]).dtype == np.asarray(other[name]).dtype


def test_what_is_there_is_not_made_again(files, here, tmp_path, monkeypatch):
    from sigsimnet.archive import _shards

    tasks = [Task(entry, 1, entry.path, "", "") for entry in as_dataset(str(files / "table.csv"))][:1]
    place = Place(str(tmp_path))
    [shard] = planned(tasks, place, here.model, 0.5, workers=1)
    run_shard(shard, place.where)
    monkeypatch.setattr(_shards, "rows_of", lambda *_: pytest.fail("was made again"))
    run_shard(shard, place.where)
    [other] = planned(tasks, place, here.model, 0.6, workers=1)
    assert other.name != shard.name


SCRIPT = """
import dataclasses, os, sys
from sigsimnet.archive import Index
from sigsimnet.datasets import Entry, load_manifest

class Killer(Entry):
    def read(self):
        os._exit(9)

if __name__ == "__main__":
    target, table, engine, work, *options = sys.argv[1:]
    entries = list(load_manifest(table))
    about = {field.name: getattr(entries[2], field.name) for field in dataclasses.fields(Entry)}
    entries[2] = Killer(**about)
    options = dict(one.split("=") for one in options)
    found = Index(target).add(entries, workers=2, engine=engine, work=work, engine_options=options, progress=False)
    print(found.n_new, *found.failed, sep="|")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "library", "options"), [("dask", "distributed", ()), ("slurm", "submitit", ("cluster=local",))]
)
def test_a_cluster_makes_the_same_index_and_survives_a_file_that_kills(files, here, tmp_path, engine, library, options):
    pytest.importorskip(library, reason="pip install 'sigsimnet[engines]'")
    script = tmp_path / "work.py"
    script.write_text(SCRIPT)

    work = tmp_path / "work"
    arguments = [sys.executable, str(script), str(tmp_path / "a.index"), str(files / "table.csv"), engine, str(work)]
    ran = subprocess.run([*arguments, *options], capture_output=True, text=True, check=False, timeout=400)
    assert ran.returncode == 0, ran.stderr
    assert not list(work.glob("*.npz")) + list(work.glob("*.bin"))
    counted, *failed = ran.stdout.strip().splitlines()[-1].split("|")
    assert counted == "3"
    assert [said for said in failed if "r02.csv: the process that read it died" in said]
    assert [said for said in failed if "r04.csv" in said]
    made, expected = contents(Index(tmp_path / "a.index")), contents(here)
    # Its number and its rows are missing, and all others are the same in the same order.
    killed = next(row[0] for row in expected["recording"] if row[1].endswith("r02.csv"))
    for table, rows in expected.items():
        if table != "left_out":
            assert made[table] == [row for row in rows if row[0] != killed]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"engine": "spark"}, "unknown engine 'spark'"),
        ({"engine": "dask"}, "needs a folder"),
        ({"engine": "dask", "work": "w", "engine_options": {"color": "red"}}, "unknown option 'color'"),
        ({"engine": "local", "work": "w"}, "takes workers alone"),
    ],
)
def test_settings_of_engines(settings, said, tmp_path, here):
    with pytest.raises(ParameterError, match=said):
        here.add([], **settings)
    assert callable(engine_of("local", workers=1, work=None, options=None))


def test_a_folder_far_away_holds_shards(files, here):
    pytest.importorskip("fsspec", reason="pip install 'sigsimnet[engines]'")
    place = Place("memory://shards")
    assert not place.has("a")
    place.put("a", b"1")
    assert place.has("a")
    assert place.get("a") == b"1"
    place.remove("a")
    assert place.get("a") is None
