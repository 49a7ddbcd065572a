"""Whose recordings, and what they show."""

from __future__ import annotations

import pytest

from sigsimnet.datasets import Entry, Manifest, load_manifest
from sigsimnet.errors import ManifestError, ParameterError, ReadError
from sigsimnet.recording import Recording


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
