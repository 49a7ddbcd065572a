"""What a file loses of a recording is said: by `lost_in`, by `write`, and by every command that writes."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.io import lost_in, read, write
from sigsimnet.recording import Annotation, Recording, Span

EARLIEST, LATEST = datetime(1986, 1, 1), datetime(2080, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
ENDINGS = [".csv", ".npz", ".hea", ".edf"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
values = st.one_of(texts, st.integers(-99, 99), st.floats(allow_nan=False), st.booleans(), st.lists(texts, max_size=3))


@st.composite
def anything(draw):
    data = np.sin(np.arange(600) / 9) * draw(st.sampled_from([1, 1000])) + draw(st.sampled_from([0, 5000]))
    marks = st.builds(
        Annotation,
        st.integers(0, 599),
        st.one_of(st.sampled_from(["N", "", "+", "(AFIB", "rest", "a\x14b", "héllo ♥", "## end", "x" * 300]), texts),
        st.sampled_from([0.0, 0.5]),
        st.sampled_from([None, "ECG"]),
    )
    keys = st.one_of(st.sampled_from(["subject", "sex", "birthdate", "name", "a:b", "k" * 50, "comments"]), texts)
    zones = st.sampled_from([None, UTC, timezone(timedelta(hours=2))])
    return Recording(
        data,
        draw(st.sampled_from([100.0, 250.0, 497.04])),
        channel_names=["ECG"],
        units=draw(st.sampled_from(["mV", "V", "µS", "nu", "uV", ""])),
        start_time=draw(st.one_of(st.none(), st.datetimes(EARLIEST, LATEST, timezones=zones))),
        spans=draw(
            st.sampled_from([None, [Span(0, 300), Span(300, 600, 7.0)], [Span(0, 300), Span(300, 600, 7.0013)]])
        ),
        annotations=draw(st.lists(marks, max_size=4)),
        metadata=draw(st.dictionaries(keys, values, max_size=3)),
        warnings=draw(st.lists(texts, max_size=2)),
    )


def equal(a, b):
    """Return whether all but the samples is the same, read by read."""
    close = [abs(s.time - t.time) < 1e-5 for s, t in zip(a.spans, b.spans, strict=True)]
    marks = [sorted((replace(m, duration=round(m.duration, 5)) for m in one.annotations), key=lambda m: m.sample)
             for one in (a, b)]  # fmt: skip
    said = [" ".join(note.split()) for note in b.warnings]
    return (
        all(close)
        and marks[0] == marks[1]
        and all(" ".join(note.split()) in said for note in a.warnings)
        and a.metadata == b.metadata
        and (a.channel_names, a.units, a.start_time) == (b.channel_names, b.units, b.start_time)
    )


@settings(max_examples=150, deadline=None)
@given(recording=anything(), ending=st.sampled_from(ENDINGS))
def test_what_does_not_come_back_is_said(recording, ending):
    with tempfile.TemporaryDirectory() as folder:
        lost = lost_in(recording, Path(folder) / f"a{ending}")
        assert not list(Path(folder).iterdir())
        write(recording, Path(folder) / f"a{ending}")
        back = read(Path(folder) / f"a{ending}")
    assert equal(recording, back) or lost, (recording.metadata, back.metadata)
    assert all(sentence.startswith(str(Path(folder) / f"a{ending}: ")) for sentence in lost)


def test_values_of_python_that_json_has_not(tmp_path):
    one = Recording([[0.0, 1.0]], 250, metadata={"day": datetime(2020, 1, 1).date(), "gains": np.arange(2), "n": 3})  # noqa: DTZ001
    assert lost_in(one, "a.npz") == ["a.npz: metadata that came back as other text or numbers: day, gains"]


@pytest.mark.parametrize("ending", [".hea", ".edf"])
def test_sixteen_bits_over_a_drift(ending):
    """±200 mV of drift leave a small signal steps of 6 µV; on a range of its own it keeps all that matters."""
    at = np.arange(20_000)
    small = 0.02 * np.random.default_rng(0).standard_normal(len(at))
    one = Recording([small, small + 200 * np.sin(at / 3000)], 500, units="mV", channel_names=["own", "drifts"])
    (sentence,) = lost_in(one, f"a{ending}")
    assert "16 bits: drifts is off by up to 0.00" in sentence
    assert "own" not in sentence
    assert lost_in(one.pick("own"), f"a{ending}") == []


def test_labels_in_any_script_come_back_from_wfdb(tmp_path):
    labels = ["héllo ♥", "심장", "é" * 200]
    one = Recording(np.sin(np.arange(500)), 250, annotations=[Annotation(9 + i, s) for i, s in enumerate(labels)])
    write(one, tmp_path / "a.hea")
    back = [mark.label for mark in read(tmp_path / "a.hea").annotations]
    assert back == [*labels[:2], "é" * 127]  # 255 bytes
    assert len(lost_in(one, tmp_path / "a.hea")) == 1


def test_a_label_that_looks_like_a_comment_of_wfdb(tmp_path):
    one = Recording(np.sin(np.arange(500)), 250, annotations=[Annotation(0, "N"), Annotation(0, "## end")])
    write(one, tmp_path / "a.hea")
    assert [mark.label.strip() for mark in read(tmp_path / "a.hea").annotations] == ["N", "## end"]


def test_write_says_what_is_lost(tmp_path, caplog):
    one = Recording(np.sin(np.arange(500)), 250, metadata={"sex": "diverse"})
    with caplog.at_level(logging.WARNING):
        write(one, tmp_path / "a.npz")
        assert not caplog.messages
        write(one, tmp_path / "a.edf")
    assert caplog.messages == [f"{tmp_path / 'a.edf'}: metadata left out: sex"]


def test_commands_say_what_is_lost_once(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Recording(np.sin(np.arange(5000) / 9), 250, channel_names=["ECG"], units="mV", metadata={"x": 1}), "a.npz")
    for command in (("convert", "a.npz", "-o", "b.edf"), ("clean", "a.npz", "-o", "c.edf")):
        ran = run_cli(*command)
        assert ran.err.count("metadata left out: x") == 1, command
