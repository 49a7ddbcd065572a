"""An index: what goes in comes out, whole; searches are exact; nothing else can be reached."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("duckdb", reason="an index needs DuckDB: pip install 'sigsimnet[search]'")
pytest.importorskip("pyarrow", reason="an index needs Arrow: pip install 'sigsimnet[search]'")

from sigsimnet import Index, Recording, load_model, simulate
from sigsimnet.errors import ArchiveError, ParameterError, ReadError, SignalError, WriteError
from sigsimnet.io import write


@pytest.fixture(scope="module")
def recordings():
    return simulate(8, 3, duration=22, seed=4)


@pytest.fixture(scope="module")
def files(recordings, tmp_path_factory):
    """Return a folder of two recordings each of eight people, and a table of them."""
    folder = tmp_path_factory.mktemp("archive")
    lines = ["path,subject,session,label"]
    for number, one in enumerate(recordings):
        about = one.metadata
        if str(about["session"]) in ("1", "2"):
            write(one, folder / f"r{number:02d}.csv")
            lines.append(f"r{number:02d}.csv,{about['subject']},{about['session']},{'rest' if number % 2 else 'walk'}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def index(files, tmp_path_factory):
    made = Index(tmp_path_factory.mktemp("index") / "a.index")
    found = made.add(files / "table.csv", progress=False)
    assert (found.n_new, found.failed) == (16, ())
    return made


def third(recordings, person):
    return next(one for one in recordings if str(one.metadata["session"]) == "3" and one.metadata["subject"] == person)


def contents(index):
    """Return all rows of all tables, without what differs between runs."""
    import duckdb

    with duckdb.connect(str(index.path), read_only=True) as connection:

        def rows(sql):
            return connection.execute(sql).fetchall()

        ids = dict(rows("select id, path from recording"))
        return {
            "recording": sorted(rows("select * exclude (id, added) from recording"), key=str),
            **{
                table: sorted(((ids[row[0]], *row[1:]) for row in rows(f"select * from {table}")), key=str)
                for table in ("template", "stretch", "beat")
            },
        }


@pytest.mark.parametrize("level", ["beat", "stretch", "recording", "person"])
@pytest.mark.parametrize("where", [None, "session = '1'", "label = 'rest' and subject <> 'S03'"])
def test_every_search_finds_what_comparing_all_finds(index, recordings, level, where):
    query = third(recordings, "S05")
    found = index.search(query, k=7, level=level, where=where)
    about = {row["id"]: row for row in index.recordings(where)}
    model = index.model
    template = model.enrol(query)
    rows = []
    import duckdb

    with duckdb.connect(str(index.path), read_only=True) as connection:
        if level in ("beat", "stretch"):
            begins = "time" if level == "beat" else "start"
            for number, at, vector in connection.execute(f"select recording, {begins}, vector from {level}").fetchall():
                if number in about:
                    rows.append((float(np.dot(np.array(vector) / 32767, template.vectors[0])), (number, at)))
        else:
            vectors = {
                n: np.array(v) for n, v in connection.execute("select recording, vector from template").fetchall()
            }
            whose = {n: about[n]["subject"] if level == "person" else n for n in about}
            for one in set(whose.values()):
                mean = np.sum([vectors[n] for n in about if whose[n] == one], axis=0)  # qualities are about equal
                rows.append((float(mean @ template.vectors[0] / np.linalg.norm(mean)), one))
    best = sorted(rows, key=lambda row: -row[0])[:7]
    assert len(found.hits) == len(best)
    assert found.n_scanned == len(rows)
    tolerance = 2e-3 if level == "person" else 1e-5
    np.testing.assert_allclose([hit.score for hit in found.hits], [score for score, _ in best], atol=tolerance)
    if level == "beat":
        middle = [(hit.recording, pytest.approx(hit.start + model.cutter.before)) for hit in found.hits]
        assert [row[1] for row in best] == middle
    if where is None:
        assert found.hits[0].subject == "S05"
        assert found.n_filtered == 0
    else:
        assert found.n_filtered > 0
    assert found.hits[0].rank == 1
    assert 0 <= found.hits[0].probability <= 1


def test_the_score_of_recordings_is_that_of_compare(index, recordings, files):
    from sigsimnet import compare, read

    query = third(recordings, "S02")
    hit = index.search(query, k=1, where="subject = 'S02' and session = '1'").hits[0]
    expected = compare(read(hit.path), query)
    assert hit.score == pytest.approx(expected.score, abs=1e-4)
    assert hit.probability == pytest.approx(expected.probability, abs=1e-3)


def test_a_person_and_a_part_of_a_file_can_be_asked_with(index, recordings):
    found = index.search(person="S04", k=3, level="person")
    assert "S04" not in {hit.subject for hit in found.hits}
    part = index.search(third(recordings, "S04"), start=5, stop=12, k=1)
    assert part.hits[0].subject == "S04"
    assert "(5 to 12 s)" in part.query
    with pytest.raises(ParameterError, match="no person 'Nobody'"):
        index.search(person="Nobody")
    with pytest.raises(ParameterError, match="one of the two"):
        index.search()


def test_a_file_that_is_held_open_gives_the_same(index, recordings):
    queries = [third(recordings, "S01"), third(recordings, "S06")]
    alone = [index.search(one, k=3) for one in queries]
    with index as held:
        together = held.search_many(queries, k=3)
        assert held.info()["recordings"] == 16
        assert [one.hits for one in together] == [one.hits for one in alone]
    assert index.search_many(queries, k=3)[1].hits == alone[1].hits
    assert index._held is None


def test_a_process_may_read_an_index_twice_and_cannot_write_meanwhile(index, recordings):
    with Index(index.path) as one, Index(index.path) as other:
        assert one.search(recordings[0], k=1).hits == other.search(recordings[0], k=1).hits
        with pytest.raises(ParameterError, match="is no condition"):
            other.search(recordings[0], where="path in (select content from read_text('/etc/hostname'))")
        with pytest.raises(ArchiveError, match="is open in this process already"):
            Index(index.path).add(recordings[:1], progress=False)


def test_the_same_can_be_left_out(index, files):
    path = files / "r00.csv"
    assert index.search(path, k=1).hits[0].path == str(path.resolve())
    others = index.search(path, k=20, exclude_same="recording")
    assert str(path.resolve()) not in {hit.path for hit in others.hits}
    assert others.n_filtered == 1
    strangers = index.search(path, k=20, exclude_same="subject")
    assert "S01" not in {hit.subject for hit in strangers.hits}
    assert strangers.n_filtered == 2
    assert len(strangers.hits) == 14


@pytest.mark.parametrize(
    "where",
    [
        "content like '%root%' from read_text('/etc/hostname')",
        "(select count(*) from read_text('/etc/hostname')) > 0",
        "exists(select * from '/etc/passwd')",
        "true; drop table recording",
        "id in (select id from (attach 'x.db'))",
        "colour = 'red'",
        "1 +",
    ],
)
def test_a_condition_reaches_nothing_but_the_index(index, recordings, where):
    with pytest.raises(ParameterError, match="--where"):
        index.search(third(recordings, "S01"), where=where)
    assert index.info()["recordings"] == 16


def test_unchanged_files_are_skipped_moved_ones_recognised_changed_ones_read_anew(recordings, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(4):
        write(recordings[number], folder / f"{number}.csv")
    index = Index(tmp_path / "a.index")
    assert index.add(folder, progress=False).n_new == 4
    again = index.add(folder, progress=False)
    assert (again.n_new, again.n_unchanged) == (0, 4)
    (folder / "0.csv").rename(folder / "moved.csv")
    os.utime(folder / "1.csv", (1, 1))  # touched, not changed
    write(recordings[9], folder / "2.csv")
    found = index.add(folder, progress=False)
    assert (found.n_new, found.n_changed, found.n_unchanged, found.n_moved) == (0, 1, 2, 1)
    assert sorted(Path(row["path"]).name for row in index.recordings()) == ["1.csv", "2.csv", "3.csv", "moved.csv"]
    assert index.search(recordings[9], k=1).hits[0].path.endswith("2.csv")
    fresh = Index(tmp_path / "b.index")
    fresh.add(folder, progress=False)
    mine, others = contents(index), contents(fresh)
    assert mine["beat"] == others["beat"]
    assert mine["template"] == others["template"]
    assert index.remove("path like '%moved%'") == 1
    before, after = index.compact()
    assert after <= before
    assert index.info()["recordings"] == 3
    with pytest.raises(ParameterError, match="--where true"):
        index.remove(" ")


def test_what_cannot_be_used_is_kept_apart_with_the_reason(recordings, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    write(recordings[0], folder / "good.csv")
    (folder / "broken.edf").write_bytes(b"0" * 300)
    noise = np.random.default_rng(0).normal(size=5000)
    write(recordings[0].replace(data=noise[None] * 5, spans=None, annotations=()), folder / "noise.csv")
    index = Index(tmp_path / "a.index")
    found = index.add(folder, progress=False)
    assert found.n_new >= 1
    assert any("broken.edf" in reason for reason in found.failed)
    rows = {Path(row["path"]).name: row for row in index.left_out() if row["what"] == "file"}
    assert "broken.edf" in rows["broken.edf"]["reason"]
    again = index.add(folder, progress=False)
    assert (again.n_new, again.failed, again.n_unchanged + again.n_refused) == (0, (), 3)
    assert again.n_refused == len(rows) > 0
    retried = index.add(folder, retry=True, progress=False)
    assert len(retried.failed) == len(rows)
    write(recordings[1], folder / "broken.csv")
    assert index.add(folder, progress=False).n_new == 1


def test_a_new_index_of_nothing_is_refused_and_leaves_no_file(tmp_path):
    (tmp_path / "broken.edf").write_bytes(b"0" * 300)
    with pytest.raises(ReadError, match=r"nothing could be used of 1 recordings; the first says: .*broken\.edf"):
        Index(tmp_path / "a.index").add(tmp_path / "broken.edf", progress=False)
    for what, said in (("nowhere", "no such folder"), ("*.xyz", "no file fits")):
        with pytest.raises(ReadError, match=said):
            Index(tmp_path / "a.index").add(str(tmp_path / what), progress=False)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="holds no recordings"):
        Index(tmp_path / "a.index").add(tmp_path / "empty", progress=False)
    assert not (tmp_path / "a.index").exists()


def test_recordings_in_memory_of_one_name_do_not_replace_each_other(recordings, tmp_path):
    index = Index(tmp_path / "a.index")
    first, second = (one.replace(source="") for one in recordings[:2])
    assert index.add([first], progress=False).n_new == 1
    found = index.add([second], progress=False)
    assert (found.n_new, found.n_changed) == (1, 0)
    again = index.add([first, second, second], progress=False)
    assert (again.n_new, again.n_unchanged) == (0, 3)
    assert index.info()["recordings"] == 2


def test_one_part_that_fails_says_nothing_of_the_others(recordings, tmp_path):
    flat = recordings[0].data.copy()
    flat[:, flat.shape[1] // 2 :] = 0.0
    write(recordings[0].replace(data=flat), tmp_path / "a.csv")
    table = tmp_path / "table.csv"
    table.write_text("path,start,stop\na.csv,0,9\na.csv,13,20\n")
    index = Index(tmp_path / "a.index")
    found = index.add(table, progress=False)
    assert (found.n_new, len(found.failed)) == (1, 1)
    table.write_text("path,start,stop\na.csv,0,9\na.csv,13,20\na.csv,2,9\n")
    found = index.add(table, progress=False)
    assert (found.n_new, found.n_unchanged, found.n_refused) == (1, 1, 1)
    assert [row["start"] for row in index.left_out() if row["what"] == "file"] == [13.0]


def test_one_share_of_good_seconds_for_an_index(recordings, tmp_path):
    index = Index(tmp_path / "a.index")
    index.add(recordings[:1], min_good_fraction=0.2, progress=False)
    assert index.info()["min_good_fraction"] == 0.2
    assert index.add(recordings[1:2], progress=False).n_new == 1
    with pytest.raises(ParameterError, match=r"was made with min_good_fraction 0\.2"):
        index.add(recordings[2:3], min_good_fraction=0.5, progress=False)


def test_a_record_is_the_same_by_each_of_its_names_and_databases_are_apart(recordings, tmp_path):
    write(recordings[0], tmp_path / "a.hea")
    write(recordings[3], tmp_path / "b.hea")
    table = tmp_path / "table.csv"
    table.write_text("path,subject,database\na,1,one\nb,1,two\n")
    index = Index(tmp_path / "a.index")
    index.add(table, progress=False)
    for name in ("a", "a.hea", "a.dat"):
        query = tmp_path / name
        assert index.search(query, k=1).hits[0].subject == "one/1"
        for exclude in ("recording", "subject"):
            found = index.search(query, exclude_same=exclude)
            assert [hit.subject for hit in found.hits] == ["two/1"]
    assert index.add(tmp_path / "a.hea", progress=False).n_changed == 1  # nobody says whose it is now
    assert index.search(person="two/1").n_scanned == 1


def test_two_stages_find_the_beats_of_the_recordings_that_are_most_alike(index, recordings, monkeypatch):
    from sigsimnet.archive import _search

    query = third(recordings, "S05")
    whole = index.search(query, k=5, level="beat")
    assert index.search(query, k=5, level="beat", exact=False).hits == whole.hits  # fewer recordings than are looked at
    monkeypatch.setattr(_search, "RECORDINGS", 3)
    found = index.search(query, k=3, level="beat", exact=False)
    assert {hit.subject for hit in found.hits} == {"S05"}
    assert found.hits[0] == whole.hits[0]
    assert found.n_scanned + found.n_passed_over == whole.n_scanned
    assert "were passed over" in "; ".join(found.in_words())
    some = index.search(query, k=3, level="beat", exact=False, where="session = '1'")
    assert some.n_filtered == whole.n_scanned - some.n_scanned - some.n_passed_over > 0
    assert index.search(query, k=3, level="beat").n_passed_over == 0


def test_a_single_beat_can_be_asked_with(index, recordings):
    query = third(recordings, "S05")
    at = index.model.cut(query).times[8]
    found = index.search(query, level="beat", k=3, start=at - 0.3, stop=at + 0.3)
    assert found.hits[0].subject == "S05"
    whole = index.model.embed(index.model.cut(query)).embeddings[8]
    from sigsimnet.archive._query import query_of

    asked = query_of(index.model, query, channel=None, start=at - 0.3, stop=at + 0.3, name="")
    assert asked.template.n_segments == 1
    np.testing.assert_allclose(asked.template.vectors[0], whole, atol=1e-5)
    own = Path(index.recordings("subject = 'S05'")[0]["path"])
    from sigsimnet import read

    fifth = index.model.cut(read(own)).times[5]
    hit = index.search(own, level="beat", k=1, start=fifth - 0.05, stop=fifth + 0.05).hits[0]
    assert (hit.path, hit.score) == (str(own), pytest.approx(1.0, abs=1e-3))
    assert hit.start + index.model.cutter.before == pytest.approx(fifth, abs=1e-6)
    with pytest.raises(SignalError, match="has no beats between"):
        index.search(query, start=at + 0.1, stop=at + 0.2)
    with pytest.raises(ParameterError):
        index.search(query, start=500, stop=501)


def test_several_leads_and_other_signals(tmp_path):
    from sigsimnet.simulation import simulate_one

    many = [simulate_one(p, s, duration=22, leads=("I", "II", "V1", "V5")) for p in range(1, 5) for s in (1, 2)]
    index = Index(tmp_path / "leads.index")
    index.add([one.replace(source=f"r{k}") for k, one in enumerate(many)], progress=False)
    assert set(index.info()["leads"]) >= {"I", "II", "V1", "V5", "III"}
    query = simulate_one(3, 3, duration=22, leads=("II", "V5", "V6"))
    for level in ("beat", "stretch", "recording", "person"):
        hit = index.search(query, k=1, level=level).hits[0]
        assert hit.subject == many[4].metadata["subject"]
        assert set(hit.leads.split("+")) == {"II", "V5"}
    alone = index.search(simulate_one(3, 3, duration=22, leads=("V6",)), k=1, level="beat")
    assert alone.hits == ()
    assert (alone.n_scanned, alone.n_without > 100) == (0, True)


def test_who_it_is_or_nobody(tmp_path):
    people = simulate(31, 2, duration=15, seed=9)
    index = Index(tmp_path / "people.index")
    index.add([one for one in people if str(one.metadata["session"]) == "1"][:30], progress=False)
    own = [one for one in people if str(one.metadata["session"]) == "2"]
    known = [index.identify(one, fpir=0.05) for one in own[:5]]
    assert [one.person for one in known if one.verdict == "known"] == [
        one.metadata["subject"] for one, found in zip(own, known, strict=False) if found.verdict == "known"
    ]
    assert sum(one.verdict == "known" for one in known) >= 3
    few = index.identify(own[0], fpir=0.001)
    assert few.verdict == "cannot tell"
    assert "30 people in the index are too few" in few.reason
    assert few.to_dict()["threshold"] is None
    with pytest.raises(ParameterError, match="fpir"):
        index.identify(own[0], fpir=2)
    # Of the people of the index, each against the others, a share fpir is above the threshold.
    from sigsimnet.archive._identify import scores_of_strangers
    from sigsimnet.archive._open import open_store
    from sigsimnet.archive._search import people_in

    with open_store(index.path) as store:
        best = scores_of_strangers(list(people_in(store, store.wanted(None))[0].values()))
    found = index.identify(own[0], fpir=0.1)
    assert np.mean(best > found.threshold) <= 0.1
    assert np.mean(best >= found.threshold) >= 0.1


def test_another_model_another_file_and_damage_are_said(index, files, tmp_path, recordings):
    other = load_model("ecg").clone()
    pytest.importorskip("torch")
    other = other.build(1, seed=3)
    with pytest.raises(ArchiveError, match="was made with another model"):
        Index(index.path, other)
    text = tmp_path / "text.index"
    text.write_text("not a database " * 1000)
    with pytest.raises(ArchiveError, match="is no index"):
        Index(text)
    cut = tmp_path / "cut.index"
    cut.write_bytes(index.path.read_bytes()[: index.path.stat().st_size // 2])
    with pytest.raises(ArchiveError, match=r"cut\.index"):
        Index(cut).search(recordings[0])
    foreign = tmp_path / "foreign.db"
    import duckdb

    duckdb.connect(str(foreign)).execute("create table x (a int)").close()
    with pytest.raises(ArchiveError, match="is no index of sigsimnet"):
        Index(foreign)
    with pytest.raises(ArchiveError, match="its folder is not there"):
        Index(tmp_path / "no" / "a.index")
    with pytest.raises(ArchiveError, match="no such index"):
        Index(tmp_path / "new.index").search(recordings[0])
    with pytest.raises(SignalError):
        index.search(Recording(np.zeros(3000), 250))
    with pytest.raises(ReadError):
        index.search(tmp_path / "missing.csv")
    for settings in ({"level": "heart"}, {"k": 0}, {"exclude_same": "hospital"}):
        with pytest.raises(ParameterError):
            index.search(recordings[0], **settings)


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_cannot_be_written(recordings, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(WriteError, match="cannot be written"):
        Index(tmp_path / "a.index").add(recordings[:1], progress=False)


HOLD = """
import sys, time
from sigsimnet.archive._open import open_store
with open_store(sys.argv[1], write=True):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_with_the_number_of_the_first(index, recordings):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(index.path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            with pytest.raises(ArchiveError, match=rf"is held by process {holder.pid}; wait"):
                index.add(recordings[:1], progress=False)
            with pytest.raises(ArchiveError, match="is held by process"):
                index.search(recordings[0])
        finally:
            holder.kill()
    assert index.info()["recordings"] == 16


FULL = """
import resource, signal, sys
from sigsimnet.archive import Index
from sigsimnet.errors import WriteError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
index = Index(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    index.add(sys.argv[2], progress=False)
except WriteError as error:
    print(error, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are of POSIX")
def test_a_full_disk_is_said_and_harms_nothing(files, recordings, tmp_path):
    target = tmp_path / "full.index"
    index = Index(target)
    index.add([one.replace(source=f"before {k}") for k, one in enumerate(recordings[:3])], progress=False)
    before = contents(index)
    limit = "40000"  # bytes: less than a batch takes
    arguments = [sys.executable, "-c", FULL, str(target), str(files / "table.csv"), limit]
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert f"{target}: cannot be written (File too large)" in ran.stdout, ran.stderr
    assert contents(Index(target)) == before
    assert index.add(files / "table.csv", progress=False).n_new == 16


ADD = """
import sys
from sigsimnet.archive import Index, _add
_add.MOST_RECORDINGS = 2
Index(sys.argv[1]).add(sys.argv[2], progress=False)
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_to_the_same_index(files, index, tmp_path):
    target = tmp_path / "killed.index"
    rng = np.random.default_rng(0)
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", ADD, str(target), str(files / "table.csv")]) as work:
            time.sleep(float(rng.uniform(0.8, 3.0)))
            work.send_signal(signal.SIGKILL)
        if target.exists() and target.stat().st_size:
            rows = Index(target).recordings()
            assert len(rows) in range(17)
    Index(target).add(files / "table.csv", progress=False)
    assert contents(Index(target)) == contents(index)


WORKERS = """
import dataclasses, os, sys
from sigsimnet.archive import Index
from sigsimnet.datasets import Entry, load_manifest

class Killer(Entry):
    def read(self):
        os._exit(9)

if __name__ == "__main__":
    entries = list(load_manifest(sys.argv[2]))
    if sys.argv[3] == "killer":
        about = {field.name: getattr(entries[5], field.name) for field in dataclasses.fields(Entry)}
        entries[5] = Killer(**about)
    found = Index(sys.argv[1]).add(entries, workers=2, progress=False)
    print(found.n_new, *found.failed, sep="|")
"""


@pytest.mark.slow
def test_two_workers_give_the_same_bits_and_survive_a_file_that_kills(files, index, tmp_path):
    script = tmp_path / "work.py"
    script.write_text(WORKERS)

    def run(name, kind):
        arguments = [sys.executable, str(script), str(tmp_path / name), str(files / "table.csv"), kind]
        return subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=300).stdout.strip()

    assert run("two.index", "none") == "16"
    assert contents(Index(tmp_path / "two.index")) == contents(index)
    counted, *failed = run("killed.index", "killer").split("|")
    assert counted == "15"
    assert len(failed) == 1
    assert "r07.csv: the process that read it died" in failed[0]
    rows = Index(tmp_path / "killed.index")
    assert rows.info()["recordings"] == 15
    assert failed[0] in {row["reason"] for row in rows.left_out()}


def test_a_changed_file_that_cannot_be_read_loses_its_old_rows(recordings, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(2):
        write(recordings[number], folder / f"{number}.csv")
    index = Index(tmp_path / "a.index")
    index.add(folder, progress=False)
    (folder / "1.csv").write_text("no,recording\nat,all\n")
    found = index.add(folder, progress=False)
    assert (found.n_unchanged, len(found.failed)) == (1, 1)
    assert [Path(row["path"]).name for row in index.recordings()] == ["0.csv"]
    (folder / "0.csv").unlink()  # out of reach, such as a disk that is not there: its rows stay
    table = folder / "table.csv"
    table.write_text("path\n0.csv\n")
    assert len(index.add(table, progress=False).failed) == 1
    assert [Path(row["path"]).name for row in index.recordings()] == ["0.csv"]
    with pytest.raises(ParameterError, match="workers"):
        index.add(folder, workers=0)


def test_tables_are_written_as_parquet(index, tmp_path):
    from pyarrow import parquet

    made = index.export(tmp_path / "out")
    assert [path.name for path in made][:2] == ["recording.parquet", "template.parquet"]
    assert parquet.read_table(tmp_path / "out" / "recording.parquet").num_rows == 16
    with pytest.raises(WriteError, match="is there already"):
        index.export(tmp_path / "out")


def test_a_folder_that_is_called_like_the_model_is_not_taken_for_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ecg").mkdir()
    index = Index("a.index")
    index.add(simulate(2, 1, duration=12, seed=1), progress=False)
    assert len(Index("a.index").search(simulate(1, 1, duration=12, seed=1)[0], k=1).hits) == 1


def test_a_channel_is_known_however_it_is_written_and_only_what_was_compared_counts(tmp_path):
    named = [one.replace(channel_names=["ECG"], source=f"r{k}") for k, one in enumerate(simulate(3, 1, duration=12))]
    other = simulate(4, 1, duration=12)[3].replace(channel_names=["V2"], source="other")
    index = Index(tmp_path / "a.index")
    index.add([*named, other], progress=False)
    for level in ("recording", "person"):
        found = index.search(named[1].replace(channel_names=["ecg"]), k=5, level=level)
        assert (len(found.hits), found.n_scanned, found.n_without) == (3, 3, 1)
    nothing = index.search(named[1].replace(channel_names=["V6"]))
    assert (nothing.hits, nothing.n_scanned, nothing.n_without) == ((), 0, 4)
    assert "call it what its lead is" in nothing.in_words()[-1]
