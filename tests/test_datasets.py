"""Whose recordings, and what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sigsimnet.datasets import Entry, Manifest, as_dataset, load_manifest, rows_from_annotations
from sigsimnet.errors import ManifestError, ParameterError, ReadError
from sigsimnet.recording import Annotation, Recording, Span


def table(folder, text, name="m.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_with_everything(tmp_path):
    rows = load_manifest(
        table(
            tmp_path,
            "path,subject,session,label,split,channel,sampling_rate,database,age\n"
            "a.csv,1,2,rest,train,I,250,ecg-id,33\n"
            "/data/b.csv,1,,walk,test,,,mitdb,\n",
        )
    )
    first, second = rows
    assert first == Entry(str(tmp_path / "a.csv"), "1", "2", "rest", "train", "I", 250.0, "ecg-id")
    assert (second.path, second.sampling_rate, second.session) == ("/data/b.csv", None, "")
    assert (first.person, second.person) == ("ecg-id/1", "mitdb/1")
    assert rows.people == ("ecg-id/1", "mitdb/1")
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("name", "separator", "mark"),
    [
        ("m.csv", ",", ""),
        ("m.csv", ";", ""),
        ("m.tsv", "\t", ""),
        pytest.param(
            "m.csv",
            ",",
            "\ufeff",
        ),
    ],
)
def test_separators_and_byte_order_mark(tmp_path, name, separator, mark):
    text = mark + "\n".join(separator.join(row) for row in (("path", "subject"), ("a b.csv", "x, y"[:1])))
    (entry,) = load_manifest(table(tmp_path, text, name))
    assert entry.path == str(tmp_path / "a b.csv")
    assert entry.subject == "x"


def test_the_one_column_that_is_needed_is_enough(tmp_path):
    rows = load_manifest(table(tmp_path, "path\na.csv\nb.csv\n"))
    assert [entry.path for entry in rows] == [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]


def test_parquet(tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"path": ["a.csv", "b.csv"], "subject": [1, 2], "session": ["1", None]})
    frame.to_parquet(tmp_path / "m.parquet")
    first, second = load_manifest(tmp_path / "m.parquet")
    assert (first.subject, second.subject) == ("1", "2")
    assert (first.session, second.session) == ("1", "")


def test_subjects_are_names_not_numbers(tmp_path):
    rows = load_manifest(table(tmp_path, "path,subject\na.csv,007\nb.csv,7\n"))
    assert rows.people == ("007", "7")


def test_words_for_nothing(tmp_path):
    (entry,) = load_manifest(table(tmp_path, "path,subject,sampling_rate\na.csv,nan,nan\n"))
    assert (entry.subject, entry.sampling_rate) == ("", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("path,subject\n", "no rows"),
        ("file,subject\na.csv,1\n", "no column 'path'.*file, subject.*known: path"),
        ("path,subject\na.csv,1\n,2\n", "row 2 has no path"),
        ("path,subject\na.csv,1\na.csv,2\n", "rows 1 and 2"),
        ("path,subject\na.csv,1\n./a.csv,2\n", "rows 1 and 2"),
        ("path,subject,split\na.csv,1,train\nb.csv,1,validate\n", "row 2: split is 'validate'.*train, test"),
        ("path,subject,split\na.csv,1,train\nb.csv,1,test\n", "person '1' is in both"),
        ("path,subject,sampling_rate\na.csv,1,fast\n", "row 1: sampling_rate is 'fast'"),
    ],
)
def test_bad_tables(tmp_path, text, says):
    file = table(tmp_path, text)
    with pytest.raises(ManifestError, match=says) as caught:
        load_manifest(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_a_table(tmp_path):
    with pytest.raises(ManifestError, match="no such manifest"):
        load_manifest(tmp_path / "gone.csv")
    with pytest.raises(ManifestError, match="no such manifest"):
        load_manifest(tmp_path)
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(ManifestError):
        load_manifest(tmp_path / "binary.csv")
    (tmp_path / "m.parquet").write_text("no parquet")
    with pytest.raises(ManifestError):
        load_manifest(tmp_path / "m.parquet")


def test_one_file_may_stand_twice_with_two_channels(tmp_path):
    assert len(load_manifest(table(tmp_path, "path,channel\na.csv,I\na.csv,II\n"))) == 2


def test_same_subject_of_two_databases_may_stand_on_both_sides(tmp_path):
    rows = load_manifest(table(tmp_path, "path,subject,database,split\na.csv,1,ecg-id,train\nb.csv,1,mitdb,test\n"))
    assert [entry.person for entry in rows.split("test")] == ["mitdb/1"]
    assert [entry.person for entry in rows.split("train")] == ["ecg-id/1"]


def test_splits(tmp_path):
    plain = load_manifest(table(tmp_path, "path,subject\na.csv,1\n"))
    assert plain.split("test") is plain
    only = load_manifest(table(tmp_path, "path,subject,split\na.csv,1,train\n"))
    with pytest.raises(ManifestError, match="no row has split 'test'"):
        only.split("test")


def test_need_names_the_column_and_the_first_row_that_lacks_it(tmp_path):
    rows = load_manifest(table(tmp_path, "path,subject\na.csv,1\nb.csv,\n"))
    rows.need("path")
    with pytest.raises(ManifestError, match=r"row 2 .*b\.csv.* no subject"):
        rows.need("subject")


def test_recordings_in_memory():
    recordings = [Recording([0.0], 1, metadata={"subject": 3, "session": 1, "age": 4}, source="x"), Recording([0.0], 1)]
    first, second = Manifest.of(recordings)
    assert (first.path, first.subject, first.session, first.label) == ("x", "3", "1", "")
    assert second.subject == ""
    assert first.read().data.tolist() == [[0.0]]
    assert Manifest.of(iter(recordings)).people == ("3",)
    rows = Manifest.of(recordings)
    assert Manifest.of(rows) is rows


def test_nothing_and_the_wrong_things_in_memory():
    with pytest.raises(ManifestError, match="no recordings"):
        Manifest.of([])
    with pytest.raises(ParameterError, match=r"item 2: an array has no sampling rate"):
        Manifest.of([Recording([0.0], 1), [0.0]])
    with pytest.raises(ParameterError, match=r"item 1: None is no recording"):
        Manifest.of([None])


def test_a_path_is_loaded(tmp_path):
    assert len(Manifest.of(table(tmp_path, "path,subject\na.csv,1\n"))) == 1
    assert len(Manifest.of(str(tmp_path / "m.csv"))) == 1


def test_reading_brings_what_the_table_says(tmp_path):
    (tmp_path / "a.csv").write_text("I\n0.1\n0.2\n0.3\n")
    (entry,) = load_manifest(table(tmp_path, "path,subject,label,sampling_rate\na.csv,anna,rest,250\n"))
    recording = entry.read()
    assert recording.sampling_rate == 250
    assert recording.metadata["subject"] == "anna"
    assert recording.metadata["label"] == "rest"
    assert "session" not in recording.metadata
    with pytest.raises(ReadError):
        Entry(str(tmp_path / "gone.csv")).read()


def test_utf_16_is_read_and_other_codes_are_named(tmp_path):
    text = "path,subject\nzoë.csv,Zoë\n"
    (tmp_path / "m.csv").write_text(text, encoding="utf-16")
    assert load_manifest(tmp_path / "m.csv").people == ("Zoë",)
    (tmp_path / "m.csv").write_text(text, encoding="latin-1")
    with pytest.raises(ManifestError, match="save it as UTF-8"):
        load_manifest(tmp_path / "m.csv")


def test_a_column_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "m.csv").write_text("path,subject,session,subject\na.csv,1,1,2\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="'subject' stands twice"):
        load_manifest(tmp_path / "m.csv")


# -- parts of files ---------------------------------------------------------------------------------------------------


def written(folder, name="a.npz", seconds=60, rate=50, **more):
    """Write a recording whose samples are their numbers, and return its path."""
    from sigsimnet.io import write

    path = folder / name
    write(Recording(np.arange(seconds * rate, dtype=float), rate, channel_names=["I"], **more), path)
    return path


def test_rows_are_parts_of_a_file(tmp_path):
    written(tmp_path)
    text = "path,subject,label,start,stop\na.npz,1,rest,0,20\na.npz,1,walk,20,35.5\na.npz,1,run,35.5,\na.npz,1,all,,\n"
    rows = load_manifest(table(tmp_path, text))
    assert [(row.start, row.stop) for row in rows] == [(0, 20), (20, 35.5), (35.5, None), (None, None)]
    found = [row.read() for row in rows]
    assert [r.data[0, [0, -1]].tolist() for r in found] == [[0, 999], [1000, 1774], [1775, 2999], [0, 2999]]
    assert [r.metadata["label"] for r in found] == ["rest", "walk", "run", "all"]
    assert rows.entries[1].name == f"{tmp_path / 'a.npz'} (20 to 35.5 s)"
    rows.check_files()


def test_numbers_of_a_european_spreadsheet(tmp_path):
    (row,) = load_manifest(table(tmp_path, "path;start;stop;sampling_rate\na.csv;0,5;1,25;250,5\n"))
    assert (row.start, row.stop, row.sampling_rate) == (0.5, 1.25, 250.5)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("a.csv,,0,5\na.csv,,0,5", r"a\.csv \(0 to 5 s\) stands in rows 1 and 2"),
        ("a.csv,,5,5", "start is 5 s and stop 5 s: nothing lies between"),
        ("a.csv,,-1,5", "start is -1 s"),
        ("a.csv,,,0", "stop 0 s: nothing"),
        ("a.csv,,soon,5", "row 1: start is 'soon', not a time in s"),
        ("a.csv,,0,inf", "stop is 'inf', not a time in s"),
        ("a.csv,train,0,5\na.csv,test,4,9", "rows 1 and 2 are in train and test, and share seconds"),
        ("a.csv,test,4,9\nb.csv,train,0,1\na.csv,train,0,5", "rows 3 and 1 are in train and test"),
        ("a.csv,train,,\na.csv,test,4,9", "rows 1 and 2 are in train and test"),
        ("a.csv,train,0,50\na.csv,train,1,2\na.csv,test,30,40", "rows 1 and 3 are in train and test"),
        ("a.hea,train,0,5\n./a.dat,test,4,9", "share seconds"),
    ],
)
def test_parts_that_do_not_go_together(tmp_path, rows, says):
    with pytest.raises(ManifestError, match=says):
        load_manifest(table(tmp_path, f"path,split,start,stop\n{rows}\n"))


@pytest.mark.parametrize(
    "rows",
    [
        "a.csv,train,0,5\na.csv,test,5,9",  # one ends where the other begins
        "a.csv,train,0,5\na.csv,train,3,9",  # windows of one split may overlap
        "a.csv,train,0,5\na.csv,test,7,9\na.csv,train,9,\na.csv,test,5,6",
        "a.csv,train,0,5\nb.csv,test,4,9",
    ],
)
def test_parts_that_go_together(tmp_path, rows):
    assert len(load_manifest(table(tmp_path, f"path,split,start,stop\n{rows}\n"))) > 1


def test_channels_of_a_file_may_stand_on_both_sides_unless_they_are_the_same(tmp_path):
    # In a table of the UCR archive each row of numbers is a channel: another series, not another lead.
    text = "path,channel,split\na.tsv,r1,train\na.tsv,r2,test\n"
    assert len(load_manifest(table(tmp_path, text))) == 2
    with pytest.raises(ManifestError, match="share seconds"):
        load_manifest(table(tmp_path, f"{text}a.tsv,,test\n"))
    with pytest.raises(ManifestError, match="share seconds"):
        load_manifest(table(tmp_path, "path,channel,split,start,stop\na.tsv,r1,train,0,5\na.tsv,r1,test,4,9\n"))


def test_a_shared_file_is_read_once_and_anew_when_it_changed(tmp_path, monkeypatch):
    import sigsimnet.io._read

    path = written(tmp_path)
    read, calls = sigsimnet.io._read.read_preferring, []
    monkeypatch.setattr(sigsimnet.io._read, "read_preferring", lambda *a, **k: calls.append(a) or read(*a, **k))
    rows = [Entry(str(path), start=float(k), stop=k + 1.0) for k in range(10)]
    assert [row.read().data[0, 0] for row in rows] == [50.0 * k for k in range(10)]
    assert len(calls) == 1
    written(tmp_path, seconds=5)
    with pytest.raises(ReadError, match=r"a\.npz: nothing recorded between 9 and 10 s"):
        rows[9].read()
    assert len(calls) == 2


def test_a_part_of_a_recording_in_memory():
    whole = Recording(np.arange(100), 10, source="x")
    entry = Entry("x", start=2.0, stop=3.0, recording=whole)
    assert entry.read().data[0].tolist() == list(range(20, 30))
    with pytest.raises(ReadError, match="x: nothing recorded between 50 and 60 s"):
        Entry("x", start=50.0, stop=60.0, recording=whole).read()


# -- keeping a table --------------------------------------------------------------------------------------------------


def test_a_table_that_was_written_comes_back(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    rows = Manifest(
        (
            Entry(
                str(folder / "a.csv"), "anna, the 1st", "2", 'so-called "rest"', "train", start=0.1 + 0.2, stop=1 / 3
            ),
            Entry("/elsewhere/b.csv", "bert", sampling_rate=250.5, channel="I", split="test", database="x"),
        )
    )
    rows.to_csv(tmp_path / "m.csv")
    text = (tmp_path / "m.csv").read_text()
    assert text.splitlines()[0] == "path,subject,session,label,split,channel,sampling_rate,database,start,stop"
    assert "data/a.csv" in text
    assert str(tmp_path) not in text
    assert load_manifest(tmp_path / "m.csv").entries == rows.entries
    assert Manifest.of(rows.to_dataframe()).entries == rows.entries


def test_a_recording_in_memory_has_no_path_to_keep(tmp_path):
    with pytest.raises(ManifestError, match=r"row 1 .*in memory: write it to a file first"):
        Manifest.of([Recording([0.0], 1)]).to_csv(tmp_path / "m.csv")
    assert not list(tmp_path.iterdir())


# -- annotations ------------------------------------------------------------------------------------------------------


def marked(*annotations, rate=50, seconds=60, spans=None, **more):
    data = np.arange(seconds * rate, dtype=float)
    return Recording(data, rate, channel_names=["I"], annotations=annotations, spans=spans, **more)


def parts(rows):
    return [(row.label, row.start, row.stop) for row in rows]


def test_annotations_with_durations_become_rows(tmp_path):
    from sigsimnet.io import write

    recording = marked(Annotation(0, "rest", 20.0), Annotation(1000, "walk", 10.0), Annotation(2900, "walk", 60.0))
    expected = [("rest", 0.0, 20.0), ("walk", 20.0, 30.0), ("walk", 58.0, 60.0)]  # the last ends with the recording
    write(recording, tmp_path / "a.csv")
    rows = rows_from_annotations(tmp_path / "a.csv", subject="anna", session="1")
    assert parts(rows) == expected
    assert parts(rows_from_annotations(recording)) == expected
    assert {(row.subject, row.session) for row in rows} == {("anna", "1")}
    assert [row.read().n_samples for row in rows] == [1000, 500, 100]
    assert rows.entries[1].read().metadata["label"] == "walk"
    rows.to_csv(tmp_path / "m.csv")
    assert parts(load_manifest(tmp_path / "m.csv")) == expected
    assert parts(rows_from_annotations(recording, labels=["walk"])) == expected[1:]
    assert parts(rows_from_annotations(recording, labels={"walk": "gait"})) == [
        ("gait", *part[1:]) for part in expected[1:]
    ]


def test_a_column_of_labels_becomes_rows(tmp_path):
    lines = ["time,emg,gesture", *(f"{k / 100},{k % 7},{'fist' if 100 <= k < 250 else 'rest'}" for k in range(400))]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    rows = rows_from_annotations(tmp_path / "a.csv")
    assert parts(rows) == [("rest", 0.0, 1.0), ("fist", 1.0, 2.5), ("rest", 2.5, 4.0)]
    assert [row.read().n_samples for row in rows] == [100, 150, 150]


def test_points_last_as_long_as_is_said():
    recording = marked(Annotation(500, "cue"), Annotation(2950, "cue"))
    assert parts(rows_from_annotations(recording, duration=2.0)) == [("cue", 10.0, 12.0), ("cue", 59.0, 60.0)]
    with pytest.raises(
        ManifestError, match=r"2 of 2 annotations are points .*\(cue\): pass duration=.*until_next=True"
    ):
        rows_from_annotations(recording)


def test_points_that_state_a_condition_last_until_the_next():
    recording = marked(
        Annotation(0, "(N"),
        Annotation(40, "N"),
        Annotation(1000, "(AFIB"),
        Annotation(1030, "V"),
        Annotation(2000, "(N"),
    )
    names = {"(AFIB": "afib", "(N": None}
    assert parts(rows_from_annotations(recording, until_next=True, labels=names)) == [("afib", 20.0, 40.0)]
    both = rows_from_annotations(recording, until_next=True, labels=["(N", "(AFIB"])
    assert parts(both) == [("(N", 0.0, 20.0), ("(AFIB", 20.0, 40.0), ("(N", 40.0, 60.0)]
    # Two that begin together last until the next that begins later.
    twice = marked(Annotation(0, "a"), Annotation(0, "b"), Annotation(500, "c"))
    assert parts(rows_from_annotations(twice, until_next=True)) == [
        ("a", 0.0, 10.0),
        ("b", 0.0, 10.0),
        ("c", 10.0, 60.0),
    ]


def test_times_of_rows_count_pauses():
    recording = marked(Annotation(1500, "late", 2.0), spans=[Span(0, 1500), Span(1500, 3000, 100.0)])
    (row,) = rows_from_annotations(recording)
    assert (row.start, row.stop) == (100.0, 102.0)
    assert row.read().data[0, 0] == 1500


def test_annotations_of_one_channel_and_what_the_recording_says_of_itself():
    recording = marked(Annotation(0, "x", 1.0, "I"), Annotation(50, "y", 1.0), metadata={"subject": 7, "session": "b"})
    first, second = rows_from_annotations(recording, channel="II", split="train", database="d")
    assert (first.channel, second.channel) == ("I", "II")
    assert (first.subject, first.session, first.split, first.person) == ("7", "b", "train", "d/7")


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"labels": ["walk"]}, ManifestError, r"no annotation called walk \(there are: cue\)"),
        ({"duration": 0}, ParameterError, "duration is 0"),
        ({"duration": "1"}, ParameterError, "duration is '1'"),
        ({"duration": 1.0, "until_next": True}, ParameterError, "give one of them"),
        ({"labels": {"cue": None}, "until_next": True}, ManifestError, "have no length"),
    ],
)
def test_what_makes_no_rows(options, error, says):
    with pytest.raises(error, match=says):
        rows_from_annotations(marked(Annotation(500, "cue")), **options)


def test_no_annotations_at_all():
    with pytest.raises(ManifestError, match=r"no annotation \(there are: none\)"):
        rows_from_annotations(marked())


# -- whatever people have ---------------------------------------------------------------------------------------------


def test_a_pandas_table_with_paths(tmp_path, monkeypatch):
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(
        {"path": ["a.npz", "b.npz"], "subject": [1, None], "start": [0, np.nan], "stop": [5.0, None], "age": [3, 4]}
    )
    first, second = as_dataset(frame)
    assert (first.path, first.subject, first.start, first.stop) == ("a.npz", "1", 0.0, 5.0)
    assert (second.subject, second.start, second.stop) == ("", None, None)
    assert first.read().n_samples == 250
    with pytest.raises(ManifestError, match="table: row 1: split is 'validate'"):
        as_dataset(frame.assign(split="validate"))
    with pytest.raises(ManifestError, match="column 'path' stands twice"):
        as_dataset(pd.concat([frame, frame], axis=1))


def test_paths_in_a_list_are_read_when_they_are_needed(tmp_path):
    path = written(tmp_path)
    rows = as_dataset([path, str(tmp_path / "gone.npz")])
    assert [row.recording for row in rows] == [None, None]
    assert rows.entries[0].read().n_samples == 3000
    with pytest.raises(ManifestError, match=r"row 2: .*gone\.npz: no such file"):
        rows.check_files()
    with pytest.raises(ManifestError, match="stands in rows 1 and 2"):
        as_dataset([path, path])


def test_arrays_bytes_and_tables(tmp_path):
    path = written(tmp_path)
    whole = Recording(np.arange(100), 10, metadata={"subject": "anna"})
    mixed = [whole, (np.zeros(50), 10), (path.read_bytes(), "npz"), whole.to_dataframe(), Entry("z.csv", "zoe"), path]
    rows = as_dataset(mixed)
    assert [row.subject for row in rows] == ["anna", "", "", "anna", "zoe", ""]
    assert [row.read().n_samples for row in rows if row.path != "z.csv"] == [100, 50, 3000, 100, 3000]
    assert len(as_dataset([np.zeros(50), np.zeros(60)], sampling_rate=10)) == 2
    assert len(as_dataset(whole)) == 1
    assert as_dataset(rows) is rows


def test_a_lone_path_is_a_manifest_or_a_recording(tmp_path):
    assert as_dataset(written(tmp_path)).entries[0].path == str(tmp_path / "a.npz")
    (tmp_path / "signal.csv").write_text("time,ECG (mV)\n0.0,0.1\n0.004,0.2\n0.008,0.3\n")
    assert as_dataset(tmp_path / "signal.csv").entries[0].path.endswith("signal.csv")
    assert as_dataset(table(tmp_path, "path,subject\na.npz,1\n")).people == ("1",)
    with pytest.raises(ManifestError, match="no column 'path'"):
        as_dataset(table(tmp_path, "file,who\na.npz,anna\n"))
    for gone in ("gone.csv", "gone", "gone.npz"):
        with pytest.raises(ManifestError, match="no such manifest"):
            as_dataset(tmp_path / gone)


def test_a_manifest_says_in_a_line_what_it_is():
    assert (
        repr(Manifest((Entry("a", "x"), Entry("b", "x")), "m.csv")) == "<Manifest 2 recordings of 1 person from m.csv>"
    )


def test_a_table_that_write_made_is_a_recording(tmp_path):
    from sigsimnet import simulate
    from sigsimnet.datasets import entries_in
    from sigsimnet.io import write

    path = tmp_path / "one.csv"
    write(simulate(1, 1, duration=3, seed=1)[0], path)
    [entry] = entries_in(path)
    assert entry.read().duration == 3.0
