"""Annotation files: what the wfdb library reads, what it never returns from, and what it drops."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import Recording
from sigsimnet.io import read, write
from sigsimnet.io.formats._wfdb_annotations import read_annotations
from sigsimnet.io.formats._wfdb_library import library


def test_annotations_of_all_kinds(tmp_path):
    """Steps beyond 1023 samples and backwards, notes of odd length, channel, number and subtype, a stated rate."""
    with library() as wfdb:
        wfdb.wrann(
            "r",
            "atr",
            np.array([5, 10, 3000, 5_000_000, 5_000_001]),
            symbol=["+", "N", '"', "V", "~"],
            aux_note=["(AFIB", "", "four", "", "x"],
            subtype=np.array([0, 0, 3, 0, -1]),
            chan=np.array([0, 1, 1, 0, 0]),
            num=np.array([0, 0, 2, 0, 0]),
            fs=128,
            write_dir=str(tmp_path),
        )
        known = wfdb.rdann(str(tmp_path / "r"), "atr")
    marks = read_annotations(tmp_path / "r.atr")
    assert marks.sample == known.sample.tolist() == [5, 10, 3000, 5_000_000, 5_000_001]
    assert marks.symbol == list(known.symbol)
    assert marks.aux_note == list(known.aux_note)
    assert marks.fs == 128


def test_codes_of_its_own(tmp_path):
    """A file may define symbols for codes that have none, as wfdb's writer does; other codes show as numbers."""
    pandas = pytest.importorskip("pandas")
    own = pandas.DataFrame({"label_store": [43], "symbol": ["X"], "description": ["extra"]})
    with library() as wfdb:
        wfdb.wrann(
            "r", "atr", np.array([10, 20]), symbol=["N", "X"], custom_labels=own, fs=250, write_dir=str(tmp_path)
        )
    marks = read_annotations(tmp_path / "r.atr")
    assert (marks.sample, marks.symbol, marks.fs, marks.warnings) == ([10, 20], ["N", "X"], 250, ())
    (tmp_path / "r.atr").write_bytes(bytes([5, 45 << 2, 0, 0]))
    assert read_annotations(tmp_path / "r.atr").symbol == ["[45]"]


def note(text):
    """A comment at sample 0, as the format has it: code 22, then code 63 with the length, then the text."""
    raw = text.encode()
    return bytes([0, 22 << 2, len(raw), 63 << 2]) + raw + b"\0" * (len(raw) % 2)


@pytest.mark.parametrize("text", ["## start", "## annotation type definitions", "## time resolution: x"])
def test_a_definition_that_never_ends(tmp_path, text):
    """The wfdb library's reader never returns from the first of these."""
    write(Recording([[0.0, 1.0, 0.5]], 250, units="mV"), tmp_path / "a.hea")
    (tmp_path / "a.atr").write_bytes(note(text) + b"\0\0")
    recording = read(tmp_path / "a")
    assert recording.annotations == ()
    left_out = [line for line in recording.warnings if "left out" in line]
    assert len(left_out) == (0 if text == "## annotation type definitions" else 1)


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_file_that_ends_too_soon(tmp_path, cut):
    write(Recording([np.zeros(2000)], 250, units="mV"), tmp_path / "a.hea")
    whole = bytes([100, 1 << 2]) * 3 + bytes([50, 63 << 2]) + b"x" * 50
    (tmp_path / "a.atr").write_bytes(whole[: len(whole) - cut])
    recording = read(tmp_path / "a")
    assert [mark.sample for mark in recording.annotations] == [100, 200]
    assert any("end in the middle" in line for line in recording.warnings)


def test_a_comment_at_sample_0_comes_back(tmp_path):
    from sigsimnet.recording import Annotation

    marks = (Annotation(0, "patient awake"), Annotation(1, "N"))
    write(Recording([[0.0, 1.0, 0.5]], 250, units="mV", annotations=marks), tmp_path / "a.hea")
    assert read(tmp_path / "a").annotations == marks
