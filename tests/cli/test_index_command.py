"""`sigsimnet index`, `search`, `identify`: from a folder to the nearest, and what goes wrong in one sentence."""

from __future__ import annotations

import csv
import json

import pytest

pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
pytest.importorskip("pyarrow", reason="an index needs Arrow: pip install 'sigsimnet[search]'")

from sigsimnet import simulate
from sigsimnet.io import write


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Return a folder with recordings of four people, the last ones outside of it."""
    root = tmp_path_factory.mktemp("archive")
    (root / "in").mkdir()
    (root / "out").mkdir()
    for one in simulate(4, 3, duration=20, seed=2):
        about = one.metadata
        place = "out" if str(about["session"]) == "3" else "in"
        write(one, root / place / f"{about['subject']}_{about['session']}.csv")
    return root


@pytest.fixture(scope="module")
def made(archive, tmp_path_factory):
    from sigsimnet import Index

    path = tmp_path_factory.mktemp("made") / "a.index"
    Index(path).add(archive / "in", progress=False)
    return path


def test_a_folder_becomes_an_index(run_cli, archive, tmp_path):
    target = tmp_path / "a.index"
    ran = run_cli("index", "add", archive / "in", "--index", target)
    assert ran.code == 0, ran.err
    assert "8 new, 0 changed, 0 unchanged, 0 moved, 0 failed" in ran.out
    assert "it holds 8 recordings" in ran.out
    again = json.loads(run_cli("index", "add", str(archive / "in" / "*.csv"), "--index", target, "--json").out)
    assert (again["n_new"], again["n_unchanged"], again["index"]["recordings"]) == (0, 8, 8)
    assert run_cli("index", "remove", "--index", target, "--where", "path like '%S01%'").out.endswith(
        "removed 2 recordings; sigsimnet index compact gives their room back\n"
    )
    assert "MB, now" in run_cli("index", "compact", "--index", target).out
    listed = json.loads(run_cli("index", "info", "--index", target, "--where", "true", "--left-out", "--json").out)
    assert len(listed["recordings_found"]) == 6
    assert listed["left_out"] == []
    assert "6 recordings" in run_cli("index", "info", "--index", target, "--where", "true").out
    assert run_cli("index", "export", tmp_path / "tables", "--index", target).code == 0
    assert (tmp_path / "tables" / "beat.parquet").is_file()


def test_the_nearest_are_found_shown_and_written(run_cli, archive, made, tmp_path):
    query = archive / "out" / "S03_3.csv"
    ran = run_cli("search", query, "--index", made, "-k", "2")
    assert ran.code == 0, ran.err
    assert "8 recordings were compared, all that the conditions leave" in ran.out
    found = json.loads(run_cli("search", query, "--index", made, "--level", "beat", "--json").out)["results"]
    assert len(found[0]["hits"]) == 10
    assert all("S03" in hit["path"] for hit in found[0]["hits"][:3])
    both = tmp_path / "hits.csv"
    ran = run_cli("search", query, archive / "out" / "S01_3.csv", "--index", made, "-k", "3", "-o", both)
    assert ran.code == 0, ran.err
    with both.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == ["1", "2", "3"] * 2
    assert "S01" in rows[3]["path"]
    assert run_cli("search", query, "--index", made, "-o", both).code == 2  # it is there
    ran = run_cli("identify", query, "--index", made)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("cannot tell\n")
    assert json.loads(run_cli("identify", query, "--index", made, "--json").out)["verdict"] == "cannot tell"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search", "QUERY", "--index", "no.index"), "no such index; make one with: sigsimnet index add"),
        (("search", "QUERY", "--index", "INDEX", "--where", "colour = 1"), "is no condition on a recording"),
        (("search", "QUERY", "--index", "INDEX", "--level", "heart"), "known: beat, stretch, recording, person"),
        (("search", "--index", "INDEX"), "one of the two"),
        (("search", "QUERY", "--index", "QUERY"), "is no index"),
        (("search", "missing.csv", "--index", "INDEX"), "missing.csv"),
        (("index", "add", "missing", "--index", "INDEX"), "no such folder, table or file"),
        (("index", "remove", "--index", "INDEX", "--where", ""), "say which recordings"),
        (("identify", "QUERY", "--index", "INDEX", "--fpir", "3"), "fpir"),
    ],
)
def test_what_goes_wrong_is_one_sentence(run_cli, archive, made, arguments, says):
    names = {"QUERY": archive / "out" / "S03_3.csv", "INDEX": made}
    ran = run_cli(*(names.get(one, one) for one in arguments))
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.err.strip().count("\n") == 0


def test_kinds_of_beats_are_counted_and_written(run_cli, tmp_path):
    pytest.importorskip("sklearn", reason="groups need scikit-learn: pip install 'sigsimnet[baselines]'")
    write(simulate(1, 1, duration=60, seed=1)[0], tmp_path / "a.csv")
    ran = run_cli("groups", tmp_path / "a.csv", "-o", tmp_path / "kinds.csv")
    assert ran.code == 0, ran.err
    assert "kind" in ran.out
    with (tmp_path / "kinds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = json.loads(run_cli("groups", tmp_path / "a.csv", "--json").out)
    assert len(rows) == found["n"]
    assert sum(row["kind"] == "1" for row in rows) == found["groups"][0]["n"]
    assert run_cli("groups", tmp_path / "a.csv", "-o", tmp_path / "kinds.csv").code == 2
    assert run_cli("groups", tmp_path / "missing.csv").code == 2


def test_pages_of_hits_and_kinds_are_whole(run_cli, archive, made, tmp_path):
    pytest.importorskip("matplotlib", reason="pages need matplotlib: pip install 'sigsimnet[plots]'")
    pytest.importorskip("sklearn", reason="groups need scikit-learn: pip install 'sigsimnet[baselines]'")
    query = archive / "out" / "S02_3.csv"
    for level in ("recording", "beat", "stretch", "person"):
        page = tmp_path / f"{level}.html"
        ran = run_cli("search", query, "--index", made, "--level", level, "-k", "3", "--page", page)
        assert ran.code == 0, ran.err
        text = page.read_text(encoding="utf-8")
        assert text.count("data:image/png") == 1
        assert "3 nearest to S02_3.csv" in text
    ran = run_cli("groups", query, "--page", tmp_path / "groups.html")
    assert ran.code == 0, ran.err
    assert (tmp_path / "groups.html").read_text(encoding="utf-8").count("data:image/png") == 2
