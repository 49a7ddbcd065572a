"""An index as a whole: near-duplicates, groups of recordings, and where they lie."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
pytest.importorskip("pyarrow", reason="an index needs Arrow: pip install 'sigsimnet[search]'")
pytest.importorskip("sklearn", reason="a map needs scikit-learn: pip install 'sigsimnet[baselines]'")

from typer.testing import CliRunner

from sigsimnet import Index, Recording, simulate
from sigsimnet.archive import Map
from sigsimnet.archive._duplicates import _in_common
from sigsimnet.cli import app
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.io._rates import resample


@pytest.fixture(scope="module")
def recordings():
    """Return four recordings each of five people, unlike in their rhythm."""
    return [
        one.replace(source=f"{one.metadata['subject']}_{one.metadata['session']}.csv")
        for one in simulate(5, 4, duration=40, seed=11)
    ]


@pytest.fixture(scope="module")
def copies(recordings):
    """Return copies of three of them, under other names and people: a part, another rate, another gain."""
    part = recordings[0].crop(8.0, 33.0)
    slower = resample(recordings[5], 180.0)
    smaller = recordings[10].replace(data=0.5 * recordings[10].data)
    return [
        one.replace(source=f"copy {k}.csv", metadata={"subject": f"X{k}", "session": "1", "label": "copied"})
        for k, one in enumerate((part, slower, smaller))
    ]


@pytest.fixture(scope="module")
def index(recordings, copies, tmp_path_factory):
    made = Index(tmp_path_factory.mktemp("whole") / "a.index")
    made.add([*recordings, *copies], progress=False)
    return made


def test_copies_are_found_and_other_recordings_of_a_person_are_not(index, recordings):
    found = {frozenset((pair.path_a, pair.path_b)): pair for pair in index.near_duplicates(progress=False)}
    expected = {frozenset((recordings[n].source, f"copy {k}.csv")) for k, n in enumerate((0, 5, 10))}
    assert set(found) == expected
    part = found[frozenset((recordings[0].source, "copy 0.csv"))]
    assert part.offset == pytest.approx(8.0, abs=0.01)  # where the copy begins in the other
    assert part.n_beats >= 15
    assert part.share > 0.9
    assert part.likeness > 0.95
    assert {part.subject_a, part.subject_b} == {"S01", "X0"}
    assert index.near_duplicates(where="label <> 'copied'", progress=False) == []


def test_copies_are_found_among_many_and_by_a_lead_that_both_have(recordings, tmp_path, monkeypatch):
    from sigsimnet.archive import _duplicates

    one = recordings[0]
    two = Recording(
        np.vstack([one.data[0], np.roll(one.data[0], 3) * 0.7]),
        one.sampling_rate,
        channel_names=["V5", "I"],
        source="two",
    )
    single = one.replace(channel_names=["V5"], source="one")
    made = Index(tmp_path / "a.index")
    made.add([two, single, *recordings[4:9]], progress=False)
    monkeypatch.setattr(_duplicates, "BLOCK", 1)  # beats of one recording are kept at a time
    monkeypatch.setattr(_duplicates, "ALIKE", -1.0)  # every pair is looked at
    [pair] = made.near_duplicates(progress=False)
    assert {pair.path_a, pair.path_b} == {"two", "one"}


def test_beats_in_common_need_the_same_rhythm_and_the_same_shapes():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.normal(0.8, 0.04, 60))
    x = rng.normal(size=(60, 16)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    offset, n, share, likeness = _in_common(times, x, times[10:40] - 5.0, x[10:40])
    assert (offset, n, share) == (pytest.approx(5.0), 30, 1.0)
    assert likeness == pytest.approx(1.0, abs=1e-5)
    assert _in_common(times, x, times[10:40] - 5.0, -x[10:40]) is None  # other shapes
    assert _in_common(times, x, np.cumsum(rng.normal(0.8, 0.04, 60)), x) is None  # another rhythm
    assert _in_common(times, x, times[:9], x[:9]) is None  # too few
    both = np.sort(np.r_[times, times + 0.4])  # half of the beats are others
    assert _in_common(times, x, both, np.repeat(x, 2, axis=0)) is None


def test_people_lie_together_on_a_map(index, recordings):
    found = index.map(where="label is null or label <> 'copied'", min_size=3, seed=1)
    assert len(found.recordings) == len(recordings)
    people = [about["subject"] for about in found.recordings]
    places = np.c_[found.x, found.y]
    for i, who in enumerate(people):
        distance = np.linalg.norm(places - places[i], axis=1)
        distance[i] = np.inf
        assert people[int(distance.argmin())] == who
    for group in found.groups:
        if group.number:
            assert len({people[i] for i in group.index}) == 1
            assert group.typical in group.index
    assert sum(len(group) for group in found.groups) == len(recordings)
    again = index.map(where="label is null or label <> 'copied'", min_size=3, seed=1)
    np.testing.assert_array_equal(found.x, again.x)
    assert found.to_dict()["recordings"][0]["group"] == int(found.numbers[0])


def test_few_recordings_and_other_leads(index, tmp_path):
    with pytest.raises(SignalError, match="too few for a map"):
        index.map(where="subject = 'S01' and session < '3'")
    with pytest.raises(ParameterError, match="min_size"):
        index.map(min_size=1)


def test_recordings_beyond_those_that_are_clustered_join_the_nearest_group(index, monkeypatch):
    from sigsimnet.archive import _map

    monkeypatch.setattr(_map, "MOST", 16)
    found = index.map(min_size=3)
    assert isinstance(found, Map)
    assert np.isnan(found.x).sum() == len(found.recordings) - 16
    assert sum(len(group) for group in found.groups) == len(found.recordings)
    for group in found.groups:
        if group.number:
            assert len({found.recordings[i]["subject"] for i in group.index if "copy" not in
                        found.recordings[i]["path"]}) == 1  # fmt: skip


def test_the_commands(index, tmp_path):
    run = CliRunner().invoke
    target = tmp_path / "pairs.csv"
    done = run(app, ["index", "duplicates", "--index", str(index.path), "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert "3 pairs of recordings hold the same signal" in done.output
    with target.open() as file:
        assert len(list(csv.DictReader(file))) == 3
    page, table = tmp_path / "map.html", tmp_path / "map.csv"
    done = run(app, ["index", "map", "--index", str(index.path), "--page", str(page), "-o", str(table)])
    assert done.exit_code == 0, done.output
    assert "23 recordings, compared by" in done.output
    text = page.read_text(encoding="utf-8")
    assert "copy 1.csv" in text
    done = run(app, ["index", "map", "--index", str(index.path), "--json"])
    assert len(json.loads(done.stdout)["recordings"]) == 23
    done = run(app, ["index", "map", "--index", str(index.path), "--page", str(index.path)])
    assert "name it .html" in str(done.exception)


def test_no_name_becomes_a_part_of_the_page(recordings, tmp_path):
    from sigsimnet.reports import map_html

    evil = "</script><script>alert(1)</script>"
    made = Index(tmp_path / "a.index")
    made.add([one.replace(source=f"{evil}{k}") for k, one in enumerate(recordings[:5])], progress=False)
    text = map_html(made.map(min_size=2))
    assert "<script>alert" not in text
    assert "\\u003c/script" in text
