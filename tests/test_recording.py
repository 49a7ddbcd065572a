"""The one signal type: shapes, times across pauses, parts."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Annotation, Recording, Span

START = datetime.fromisoformat("2024-05-06T07:08:09")


def counted(rate=100.0, pieces=((300, 0.0),), **more):
    """Return a recording whose sample values are their positions; pieces are (samples, pause before it in s)."""
    spans, begin, time = [], 0, 0.0
    for length, pause in pieces:
        time += pause
        spans.append(Span(begin, begin + length, time))
        begin += length
        time += length / rate
    return Recording(np.arange(begin), rate, spans=spans, **more)


@st.composite
def recordings(draw):
    rate = draw(st.sampled_from([50.0, 173.61, 250.0]))
    pieces = draw(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 5)), min_size=1, max_size=4))
    pieces[0] = (pieces[0][0], 0.0)
    total = sum(length for length, _ in pieces)
    marks = sorted(draw(st.sets(st.integers(0, total - 1), max_size=5)))
    return counted(rate, pieces, start_time=START, annotations=[Annotation(m, str(m)) for m in marks])


# -- making one -------------------------------------------------------------------------------------------------------


def test_one_row_is_one_channel():
    recording = Recording([1, 2, 3], 250)
    assert recording.data.shape == (1, 3)
    assert recording.data.dtype == np.float32
    assert (recording.n_channels, recording.n_samples, len(recording)) == (1, 3, 3)
    assert recording.duration == pytest.approx(3 / 250)
    assert recording.channel_names == ("ch1",)
    assert recording.units == ("",)
    assert recording.spans == (Span(0, 3, 0.0),)


def test_infinities_are_missing_and_the_array_given_stays_as_it_is():
    given_array = np.array([[0.0, np.inf, -np.inf, np.nan]], dtype=np.float32)
    recording = Recording(given_array, 250)
    assert np.isnan(recording.data[0]).tolist() == [False, True, True, True]
    assert np.isinf(given_array[0, 1])


@pytest.mark.parametrize(
    ("data", "rate", "more", "says"),
    [
        (np.zeros((1, 1, 1)), 250, {}, "3 dimensions"),
        ([0.0], 0, {}, "sampling_rate is 0"),
        ([0.0], -250, {}, "-250"),
        ([0.0], float("nan"), {}, "nan"),
        ([0.0], float("inf"), {}, "inf"),
        (np.zeros((2, 3)), 250, {"channel_names": ["a"]}, "1 channel names for 2"),
        (np.zeros((2, 3)), 250, {"channel_names": ["a", "a"]}, "repeat"),
        (np.zeros((2, 3)), 250, {"units": ["mV"]}, "1 units for 2"),
        (np.zeros(9), 1, {"spans": [Span(0, 4), Span(5, 9, 9)]}, "cover all samples"),
        (np.zeros(9), 1, {"spans": [Span(0, 5), Span(4, 9, 9)]}, "cover all samples"),
        (np.zeros(9), 1, {"spans": [Span(1, 9)]}, "cover all samples"),
        (np.zeros(9), 1, {"spans": [Span(0, 8)]}, "8 of 9"),
        (np.zeros(9), 1, {"spans": [Span(0, 5), Span(5, 9, 2.0)]}, "before the one in front"),
    ],
)
def test_what_does_not_fit_is_refused(data, rate, more, says):
    with pytest.raises(ParameterError, match=says):
        Recording(data, rate, **more)


def test_it_is_frozen():
    recording = counted()
    with pytest.raises(dataclasses.FrozenInstanceError):
        recording.sampling_rate = 1.0


def test_repr_shows_what_matters():
    two = Recording(np.zeros((2, 1000)), 250, channel_names=["I", "II"], units="mV")
    assert repr(two) == "<Recording 2 channels × 4.0 s at 250 Hz: I, II (mV)>"
    assert repr(counted(pieces=((100, 0), (100, 3)))) == "<Recording 1 channel × 2.0 s in 2 spans at 100 Hz: ch1>"
    many = Recording(np.zeros((8, 10)), 10, units=["mV"] * 7 + ["µV"])
    assert "ch6, …" in repr(many)
    assert "ch7" not in repr(many)
    assert "(mV/µV)" in repr(many)


# -- times ------------------------------------------------------------------------------------------------------------


def test_times_jump_over_pauses_and_duration_does_not_count_them():
    recording = counted(pieces=((100, 0), (200, 60.0)))
    times = recording.times()
    assert times[99] == pytest.approx(0.99)
    assert times[100] == pytest.approx(61.0)
    assert times[-1] == pytest.approx(62.99)
    assert recording.duration == pytest.approx(3.0)
    assert [samples.shape for _, samples in recording.iter_spans()] == [(1, 100), (1, 200)]
    assert [int(samples[0, 0]) for _, samples in recording.iter_spans()] == [0, 100]


@given(recordings(), st.floats(0, 0.99))
def test_time_of_agrees_with_times_everywhere(recording, fraction):
    samples = np.arange(recording.n_samples)
    np.testing.assert_allclose(recording.time_of(samples), recording.times(), atol=1e-9)
    expected = recording.times() + fraction / recording.sampling_rate
    np.testing.assert_allclose(recording.time_of(samples + fraction), expected, atol=1e-9)


@given(recordings(), st.floats(0, 1))
def test_sample_of_is_the_inverse_of_time_of(recording, fraction):
    positions = np.concatenate(
        [np.minimum(np.arange(span.start, span.stop) + fraction, span.stop - 1) for span in recording.spans]
    )
    np.testing.assert_allclose(recording.sample_of(recording.time_of(positions)), positions, atol=1e-6)


def test_times_in_pauses_and_outside_have_no_sample():
    recording = counted(pieces=((100, 0), (100, 10.0)))  # 0 to 1 s and 11 to 12 s at 100 Hz
    outside = [-0.006, 1.006, 5.0, 10.994, 12.006, np.nan, np.inf, -np.inf]
    assert np.isnan(recording.sample_of(outside)).all()
    near = [-0.004, 0.0, 0.994, 1.0, 1.004, 10.996, 11.0, 11.995, 12.004]
    assert recording.sample_of(near).tolist() == pytest.approx([0, 0, 99, 99, 99, 100, 100, 199, 199], abs=0.51)
    assert np.rint(recording.sample_of(near)).tolist() == [0, 0, 99, 99, 99, 100, 100, 199, 199]
    assert recording.sample_of(0.5).shape == ()
    assert recording.sample_of([[0.5, 11.5]]).tolist() == [[50.0, 150.0]]
    assert np.isnan(Recording(np.zeros((1, 0)), 1).sample_of(0.0))


def test_where_one_span_ends_and_the_next_begins_without_a_pause():
    recording = counted(pieces=((100, 0), (100, 0)))
    assert recording.sample_of([0.99, 1.0, 1.01]).tolist() == pytest.approx([99, 100, 101])


@given(recordings(), st.floats(0, 15), st.floats(0, 15))
def test_crop_keeps_samples_true_times_and_marks(recording, start, stop):
    times, step = recording.times(), 1 / recording.sampling_rate
    surely_inside = (times >= start) & (times <= stop - 0.51 * step)
    try:
        part = recording.crop(start, stop)
    except ParameterError:
        assert not surely_inside.any()
        return
    kept = part.data[0].astype(int)
    assert (np.diff(kept) == 1).all()
    assert np.isin(np.flatnonzero(surely_inside), kept).all()
    assert times[kept].min() >= start - 0.51 * step
    assert times[kept].max() < stop
    np.testing.assert_allclose(part.times(), times[kept] - times[kept[0]], atol=1e-9)
    assert abs(part.start_time - START - timedelta(seconds=times[kept[0]])) < timedelta(microseconds=2)
    marks = [a for a in recording.annotations if a.sample in set(kept.tolist())]
    assert [a.label for a in part.annotations] == [a.label for a in marks]
    assert all(kept[a.sample] == int(a.label) for a in part.annotations)
    assert part.sampling_rate == recording.sampling_rate


def test_crop_inside_a_pause():
    recording = counted(pieces=((100, 0), (100, 10.0)))
    with pytest.raises(ParameterError, match="nothing recorded between 3"):
        recording.crop(3, 5)
    across = recording.crop(0.5, 11.5)
    assert [span.time for span in across.spans] == pytest.approx([0.0, 10.5])
    assert recording.crop().times().tolist() == recording.times().tolist()


def test_crop_keeps_what_else_is_known():
    recording = counted(metadata={"subject": "anna"}, warnings=["guessed"], source="a.csv", units="mV")
    part = recording.crop(1.0)
    assert part.duration == pytest.approx(2.0)
    assert (part.metadata, part.warnings, part.source) == ({"subject": "anna"}, ("guessed",), "a.csv")
    assert part.units == ("mV",)


# -- channels ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three():
    return Recording(
        np.arange(6).reshape(3, 2),
        2,
        channel_names=["I", "II", "resp"],
        units=["mV", "µV", ""],
        annotations=[Annotation(0, "all"), Annotation(0, "one", channel="I"), Annotation(1, "other", channel="resp")],
        source="a.edf",
    )


def test_pick_takes_the_order_given(three):
    picked = three.pick(["resp", 0])
    assert picked.channel_names == ("resp", "I")
    assert picked.units == ("", "mV")
    assert picked.data.tolist() == [[4, 5], [0, 1]]
    assert three.pick("II").data.tolist() == [[2, 3]]
    assert three.pick(-1).channel_names == ("resp",)


def test_pick_leaves_marks_of_other_channels_behind(three):
    assert [a.label for a in three.pick("I").annotations] == ["all", "one"]


def test_names_are_found_whatever_their_case_unless_two_fit(three):
    assert three.channel_index("RESP") == 2
    two = Recording(np.zeros((2, 1)), 1, channel_names=["ecg", "ECG"])
    assert two.channel_index("ECG") == 1
    with pytest.raises(SignalError):
        two.channel_index("Ecg")


@pytest.mark.parametrize("channel", ["V1", "", 3, -4])
def test_a_missing_channel_lists_those_there_are(three, channel):
    with pytest.raises(SignalError, match=r"a\.edf: no channel .*I, II, resp"):
        three.pick(channel)


def test_replace(three):
    changed = three.replace(source="b.edf", data=three.data * 2)
    assert changed.source == "b.edf"
    assert changed.data.tolist() == (three.data * 2).tolist()
    assert changed.annotations == three.annotations
    with pytest.raises(ParameterError, match="no colour"):
        three.replace(colour="red")


# -- tables -----------------------------------------------------------------------------------------------------------


def equal(a, b):
    """Assert that two recordings are the same in everything."""
    np.testing.assert_array_equal(a.data, b.data)
    for name in ("sampling_rate", "channel_names", "units", "start_time", "spans", "metadata", "annotations"):
        assert getattr(a, name) == getattr(b, name), name
    assert (a.warnings, a.source) == (b.warnings, b.source)


@pytest.fixture
def full():
    """Return a recording that says all that one can say."""
    data = np.random.default_rng(0).normal(size=(3, 100))
    data[0, 7:9] = np.nan
    data[2] = np.nan
    return Recording(
        data,
        123.4,
        channel_names=["ECG (V)", "label", "resp"],
        units=["mV", "", "adu"],
        start_time=datetime.fromisoformat("2024-05-06T07:08:09.123456+02:00"),
        spans=[Span(0, 40, 0.0), Span(40, 100, 3.21)],
        metadata={"subject": "anna", "age": 33, "leads": ["I", "II"], "more": {"a": None}},
        annotations=[Annotation(3, "N"), Annotation(50, "V", 0.1, "resp"), Annotation(99, "N", 0.0, "ECG (V)")],
        warnings=["a guess"],
        source="a.edf",
    )


def test_tables(three):
    frame = three.to_dataframe()
    assert list(frame.columns) == ["I", "II", "resp"]
    assert frame.index.name == "time"
    assert frame.index.tolist() == [0.0, 0.5]


def test_a_table_gives_the_same_recording_again(full):
    frame = full.to_dataframe()
    for same in (frame, frame.copy(), frame.copy(deep=False), frame.reset_index(), frame.reset_index(drop=True)):
        equal(Recording.from_dataframe(same), full)
    equal(Recording.from_dataframe(full.to_dataframe(), full.sampling_rate), full)


def test_a_table_keeps_it_on_disk(full, tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    full.to_dataframe().to_parquet(tmp_path / "a.parquet")
    equal(Recording.from_dataframe(pd.read_parquet(tmp_path / "a.parquet")), full)


@given(recordings())
def test_every_recording_survives_a_table(recording):
    equal(Recording.from_dataframe(recording.to_dataframe()), recording)


@given(recordings(), st.data())
def test_rows_that_were_dropped_leave_everything_else_true(recording, data):
    n = recording.n_samples
    kept = sorted(data.draw(st.sets(st.integers(0, n - 1), min_size=1)))
    part = Recording.from_dataframe(recording.to_dataframe().iloc[kept])
    assert part.data[0].astype(int).tolist() == kept
    times = recording.times()[kept]
    np.testing.assert_allclose(part.times(), times - times[0], atol=1e-9)
    assert abs(part.start_time - START - timedelta(seconds=times[0])) < timedelta(microseconds=2)
    assert [kept[mark.sample] for mark in part.annotations] == [
        mark.sample for mark in recording.annotations if mark.sample in set(kept)
    ]
    assert part.sampling_rate == recording.sampling_rate
    dropped = n - len(kept)
    assert (part.warnings == ()) == (dropped == 0)
    assert not dropped or f"{dropped} of {n} samples are no longer in the table" in part.warnings[0]


def test_changed_samples_and_channels_are_said(full):
    frame = full.to_dataframe()
    changed = Recording.from_dataframe(frame.assign(**{"ECG (V)": frame["ECG (V)"] * 1000}))
    assert changed.units == full.units
    assert any("samples of ECG (V) were changed after to_dataframe()" in note for note in changed.warnings)
    told = Recording.from_dataframe(frame * 1000, units=["µV", "", "adu"])
    assert told.units == ("µV", "", "adu")
    assert told.warnings == full.warnings
    renamed = Recording.from_dataframe(frame.rename(columns={"ECG (V)": "II"}))
    assert renamed.channel_names == ("II", "label", "resp")
    assert renamed.units == ("", "", "adu")
    assert any("no unit is known for II" in note for note in renamed.warnings)
    assert [mark.label for mark in renamed.annotations] == ["N", "V"]
    fewer = Recording.from_dataframe(frame[["resp", "ECG (V)"]])
    assert (fewer.channel_names, fewer.units) == (("resp", "ECG (V)"), ("adu", "mV"))
    assert (fewer.annotations, fewer.warnings) == (full.annotations, full.warnings)


def test_other_times_are_those_of_the_table(full):
    import pandas as pd

    dated = full.to_dataframe().set_index(pd.date_range("2020-01-01", periods=100, freq="10ms")).drop(columns="resp")
    found = Recording.from_dataframe(dated)
    assert (found.sampling_rate, found.start_time) == (pytest.approx(100), datetime.fromisoformat("2020-01-01"))
    assert (found.spans, found.annotations) == ((Span(0, 100, 0.0),), ())
    assert found.units == ("mV", "")
    assert found.metadata == full.metadata
    assert any(
        "its times are not those that to_dataframe() gave: spans, 3 annotations were dropped" in w
        for w in found.warnings
    )


@pytest.mark.parametrize("about", [5, "", "{", "[]", "{}", '{"spans": [[0, 99999999999, 0]]}'])
def test_a_table_whose_words_are_damaged_counts_as_anybodys(full, about):
    frame = full.to_dataframe().drop(columns="resp")
    frame.attrs["sigsimnet"] = about
    assert Recording.from_dataframe(frame).metadata == {}


# -- pictures and pages ------------------------------------------------------------------------------------------------


def test_it_draws_itself(three):
    pytest.importorskip("matplotlib")
    assert [ax.get_ylabel() for ax in three.plot().axes] == ["I (mV)", "II (µV)", "resp"]
    assert three.plot(title="mine").get_suptitle() == "mine"
    with pytest.raises(ParameterError, match="nothing recorded"):
        three.plot(start=5.0)


def test_a_notebook_shows_it_escaped(full):
    shown = full.replace(channel_names=["<script>", "a&b", "resp"], warnings=["<b>x</b>"])._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "a&amp;b" in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert shown.count("<svg") == 2  # the third channel has no samples
    assert "100.0 %" in shown
    many = Recording(np.zeros((64, 50)), 50)._repr_html_()
    assert "… and 52 more" in many
    assert len(many) < 30_000


# -- frozen -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_samples_belong_to_the_recording(dtype):
    mine = np.arange(8, dtype=dtype)
    recording = Recording(mine, 4)
    mine[0] = 99
    assert recording.data[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        recording.data[0, 0] = 99
    assert mine.flags.writeable


def test_a_read_only_view_of_an_array_that_can_be_written_is_copied():
    mine = np.arange(8, dtype=np.float32)
    view = mine[2:]
    view.flags.writeable = False
    recording = Recording(view, 4)
    mine[2] = 99
    assert recording.data[0, 0] == 2


def test_parts_share_their_samples():
    recording = Recording(np.arange(8, dtype=np.float32), 4)
    for part in (recording.crop(0.5, 1.5), recording.replace(units="mV")):
        assert np.shares_memory(part.data, recording.data)
        assert not part.data.flags.writeable
    with_infinity = Recording([1.0, np.inf], 4)
    assert np.isnan(with_infinity.data[0, 1])
    assert not with_infinity.data.flags.writeable


def test_a_table_is_the_users_own():
    recording = Recording(np.arange(8, dtype=np.float32), 4)
    frame = recording.to_dataframe()
    frame.iloc[0, 0] = 99
    assert recording.data[0, 0] == 0


def test_every_other_row_of_a_table_is_half_the_rate():
    """The clock of the index tells the rate, not what the whole table was made of."""
    whole = Recording(np.sin(np.arange(1000) / 9), 250, channel_names=["I"], units="mV")
    found = Recording.from_dataframe(whole.to_dataframe().iloc[::2])
    assert (found.sampling_rate, len(found.spans), found.duration) == (125.0, 1, 4.0)
    np.testing.assert_array_equal(found.data[0], whole.data[0, ::2])


@pytest.mark.parametrize("start", ["a", None, float("nan"), [1]])
def test_times_of_a_crop_are_numbers(start):
    with pytest.raises(ParameterError):
        Recording(np.zeros(9), 1).crop(start, 2)
