"""Plots: they return figures, draw what they say, and survive what real recordings hold."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from sigsimnet.errors import ParameterError, SignalError, WriteError
from sigsimnet.peaks import detect_peaks
from sigsimnet.plotting import (
    interactive_html,
    plot_agreement,
    plot_autocorrelation,
    plot_beat_pair,
    plot_beats,
    plot_calibration,
    plot_cleaning,
    plot_correlation,
    plot_det,
    plot_distribution,
    plot_ecg_paper,
    plot_embedding_map,
    plot_error_by_count,
    plot_matrix,
    plot_quality,
    plot_r_peaks,
    plot_recording,
    plot_rolling,
    plot_score_histogram,
    plot_spectrogram,
    plot_spectrum,
    save_figure,
)
from sigsimnet.recording import Recording, Span
from sigsimnet.segments import beats
from sigsimnet.signal_quality import quality
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def record():
    return simulate_one(2, duration=12, leads=("I", "II"))


@pytest.fixture(scope="module")
def broken(record):
    """Return a recording with a pause, a gap and a channel that is missing altogether."""
    data = record.data.copy()
    data[0, 700:900] = np.nan
    data[1] = np.nan
    return record.replace(data=data, spans=[Span(0, 1500, 0.0), Span(1500, 3000, 60.0)])


def drawn(figure):
    figure.canvas.draw()
    assert isinstance(figure, Figure)
    return figure


def test_every_channel_is_drawn(record):
    figure = drawn(plot_recording(record, title="two leads"))
    assert [ax.get_ylabel() for ax in figure.axes] == ["I (mV)", "II (mV)"]
    for row, ax in enumerate(figure.axes):
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), record.data[row])
        np.testing.assert_allclose(ax.lines[0].get_xdata(), record.times())
    assert figure.get_suptitle() == "two leads"


def test_pieces_are_not_joined(broken):
    figure = drawn(plot_recording(broken))
    assert [len(ax.lines) for ax in figure.axes] == [2, 2]
    assert figure.axes[0].lines[1].get_xdata()[0] == pytest.approx(60.0)


def test_a_part(record):
    figure = drawn(plot_recording(record, start=2, stop=4))
    assert len(figure.axes[0].lines[0].get_ydata()) == 500


def test_long_recordings_are_thinned_without_losing_extremes():
    x = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    x[123_456], x[77] = 50.0, -40.0
    x[1000:1500] = np.nan
    line = drawn(plot_recording(Recording(x, 1000))).axes[0].lines[0]
    assert len(line.get_ydata()) <= 4000
    assert np.nanmax(line.get_ydata()) == 50
    assert np.nanmin(line.get_ydata()) == -40
    where = line.get_xdata()[np.nanargmax(line.get_ydata())]
    assert where == pytest.approx(123.456, abs=0.2)


def test_rolling_statistics_against_their_definitions(record):
    figure = drawn(plot_rolling(record, "I", 0.5))
    size = 125
    pieces = np.lib.stride_tricks.sliding_window_view(record.data[0].astype(np.float64), size)
    expected = {
        "mean": pieces.mean(1),
        "sum": pieces.sum(1),
        "std": pieces.std(1, ddof=1),
        "rms": np.sqrt((pieces**2).mean(1)),
    }
    assert len(figure.axes) == 5
    for ax, (name, values) in zip(figure.axes[1:], expected.items(), strict=True):
        y = ax.lines[0].get_ydata()
        assert ax.get_ylabel() == f"{name}, 0.5 s"
        known = np.flatnonzero(~np.isnan(y))
        np.testing.assert_allclose(y[known], values, atol=1e-6)
        assert known[0] == size // 2  # centred


def test_rolling_errors(record, broken):
    drawn(plot_rolling(broken, 0, 1.0, statistics=("rms",)))
    for window in (0.0, 12.0, 100.0):
        with pytest.raises(ParameterError, match="does not fit"):
            plot_rolling(record, 0, window)
    with pytest.raises(ParameterError, match="unknown statistic 'median'"):
        plot_rolling(record, 0, statistics=("median",))
    with pytest.raises(SignalError, match="no channel"):
        plot_rolling(record, "V1")


def test_r_peaks(record, broken):
    peaks = detect_peaks(record)
    figure = drawn(plot_r_peaks(record, peaks))
    marks = figure.axes[0].lines[-1]
    np.testing.assert_allclose(marks.get_xdata(), peaks.times)
    assert f"{len(peaks)} R peaks" in marks.get_label()
    drawn(plot_r_peaks(broken))
    quiet = drawn(plot_r_peaks(Recording(np.zeros(1000), 250)))
    assert "nan" not in quiet.axes[0].get_title()


def test_beats(record):
    cut = beats(record)
    figure = drawn(plot_beats(cut))
    mean = figure.axes[0].lines[-1]
    np.testing.assert_allclose(mean.get_ydata(), cut.data[:, 0].mean(axis=0), atol=1e-6)
    assert mean.get_xdata()[mean.get_ydata().argmax()] == pytest.approx(0, abs=1e-9)
    drawn(plot_beats(beats(Recording(np.zeros(1000), 250))))
    drawn(plot_beat_pair(cut, cut.take([0]), labels=("one", "two")))


def test_axes_may_be_given(record):
    figure = Figure()
    ax = figure.subplots()
    assert plot_beats(beats(record), ax=ax) is figure
    assert plot_r_peaks(record, ax=ax) is figure
    assert plot_matrix([[1.0]], ["a"], ax=ax) is figure
    assert plot_score_histogram([0.1, 0.9], [0, 1], ax=ax) is figure


def test_agreement(record):
    t = np.arange(5.0)
    figure = drawn(plot_agreement((t, t[:2]), (t / 5, t[:2]), labels=("x", "y")))
    assert [line.get_label() for line in figure.axes[0].lines] == ["segments of x", "segments of y"]


@pytest.mark.parametrize("n", [1, 3, 20])
def test_matrix(n):
    scores = np.random.default_rng(0).normal(size=(n, n))
    figure = drawn(plot_matrix(scores, [f"r{k}" for k in range(n)], title="scores"))
    assert len(figure.axes[0].texts) == (n * n if n <= 12 else 0)
    if n <= 12:
        assert figure.axes[0].texts[0].get_text() == f"{scores[0, 0]:.2f}"
    drawn(plot_matrix(np.ones((2, 2)), ["a", "b"]))
    drawn(plot_matrix([[1.0, np.nan], [0.0, 1.0]], ["a", "b"]))


def test_histogram():
    figure = drawn(plot_score_histogram([0.9, 0.8, 0.1], [1, 1, 0]))
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["different (1 pairs)", "same (2 pairs)"]
    drawn(plot_score_histogram([0.5, 0.5], [1, 0]))


def test_histogram_of_one_kind_only():
    drawn(plot_score_histogram([0.9, 0.8], [1, 1]))


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_saving(tmp_path, name, start):
    save_figure(plot_matrix([[1.0]], ["a"]), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_saving_where_nothing_can_be_saved(tmp_path):
    figure = plot_matrix([[1.0]], ["a"])
    with pytest.raises(WriteError):
        save_figure(figure, tmp_path / "not-there" / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_picture_format_is_said(tmp_path):
    from sigsimnet.errors import SigSimNetError

    with pytest.raises(SigSimNetError, match="xyz"):
        save_figure(plot_matrix([[1.0]], ["a"]), tmp_path / "a.xyz")
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_global_state(record):
    import matplotlib.pyplot as plt

    plot_recording(record)
    plot_beats(beats(record))
    assert plt.get_fignums() == []


def test_det_on_normal_scores_is_a_straight_line():
    from scipy.stats import norm

    t = np.linspace(3, -3, 60)
    far, frr = norm.sf(t, 0, 1), norm.cdf(t, 2, 1)
    figure = plot_det({"ours": (far, frr), "other": (frr[::-1], far[::-1])})
    (axes,) = figure.axes
    x, y = axes.lines[0].get_data()
    inner = (np.abs(x) < 3) & (np.abs(y) < 3)
    assert np.corrcoef(x[inner], y[inner])[0, 1] == pytest.approx(-1)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["ours", "other"]
    with pytest.raises(ParameterError, match="no curves"):
        plot_det({})


def test_honest_probabilities_lie_on_the_diagonal():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=20000)
    figure = plot_calibration(p, rng.uniform(size=20000) < p)
    said, was = figure.axes[0].collections[0].get_offsets().T
    np.testing.assert_allclose(said, was, atol=0.03)
    with pytest.raises(ParameterError, match="both kinds"):
        plot_calibration([0.5, 0.5], [1, 1])


def test_error_by_count():
    figure = plot_error_by_count([1, 2, 4], {"ours": [0.2, 0.1, 0.05]})
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [20, 10, 5])


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_an_embedding_map_keeps_groups_together(method):
    rng = np.random.default_rng(0)
    names = np.repeat([f"p{k:02d}" for k in range(25)], 4)
    centres = rng.normal(size=(25, 8)) if method == "tsne" else np.arange(25)[:, None] * np.ones(8)
    figure = plot_embedding_map(np.repeat(centres, 4, axis=0) + 0.01 * rng.normal(size=(100, 8)), names, method=method)
    axes = figure.axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0] == "5 others"
    assert labels[1:] == [f"p{k:02d}" for k in range(20)]
    within = [np.ptp(c.get_offsets(), axis=0).max() for c in axes.collections[1:]]
    across = np.ptp(np.concatenate([c.get_offsets() for c in axes.collections]), axis=0).max()
    assert max(within) < 0.2 * across


def test_an_embedding_map_refuses_what_it_cannot_place():
    with pytest.raises(ParameterError, match="at least 4"):
        plot_embedding_map(np.ones((3, 2)), ["a"] * 3)
    with pytest.raises(ParameterError, match="tsne, pca"):
        plot_embedding_map(np.ones((4, 2)), ["a"] * 4, method="umap")
    with pytest.raises(ParameterError, match="finite"):
        plot_embedding_map(np.full((4, 2), np.nan), ["a"] * 4)


# -- quality, paper, spectra, cleaning ---------------------------------------------------------------------------------


def test_ecg_paper_has_the_size_of_paper(record):
    figure = drawn(plot_ecg_paper(record, start=1, stop=6))
    for ax in figure.axes:
        box, (left, right), (low, high) = ax.get_position(), ax.get_xlim(), ax.get_ylim()
        assert box.width * figure.get_figwidth() * 25.4 / (right - left) == pytest.approx(25)  # mm/s
        assert box.height * figure.get_figheight() * 25.4 / (high - low) == pytest.approx(10)  # mm/mV
    x = figure.axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(x, record.crop(1, 6).data[0])


def test_ecg_paper_takes_microvolts_and_refuses_counts(record):
    micro = record.replace(data=1000 * record.data, units=["µV", "µV"])
    a, b = (drawn(plot_ecg_paper(r)).axes[0].lines[0].get_ydata() for r in (record, micro))
    np.testing.assert_allclose(a, b, rtol=1e-5)
    with pytest.raises(ParameterError, match=r"no unit of voltage for I, II.*units='mV'"):
        plot_ecg_paper(record.replace(units=["", ""]))
    with pytest.raises(ParameterError, match="30 s at most"):
        plot_ecg_paper(record, stop=40)


def test_quality_is_drawn_as_bands(broken):
    figure = drawn(plot_quality(broken))
    assert len(figure.axes) == 4  # a signal and its index, of two channels
    bands = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in figure.axes[0].patches]
    assert any(abs(a - 2.8) < 0.01 and abs(b - 3.6) < 0.01 for a, b in bands)  # the gap
    assert figure.axes[2].get_title(loc="right") == "0 % good"


def test_each_step_of_a_cleaning_is_drawn(record):
    data = record.data.copy()
    data[0, 500:510] = np.nan
    figure = drawn(plot_cleaning(record.replace(data=data), "ecg"))
    assert [ax.get_title(loc="right").split(":")[0] for ax in figure.axes] == [
        "as it came", "gaps", "steps", "outliers", "mains", "bandpass", "bandpass",
    ]  # fmt: skip
    invented = figure.axes[1].lines[-1]
    np.testing.assert_allclose(invented.get_xdata(), np.arange(500, 510) / 250)


def test_a_spectrogram_shows_where_a_wave_begins():
    t = np.arange(20_000) / 200
    x = np.where(t < 50, 0.001, np.sin(2 * np.pi * 20 * t))
    mesh = drawn(plot_spectrogram(Recording(x, 200), window=1.0)).axes[0].collections[0]
    level = np.asarray(mesh.get_array())
    row = 20  # Hz, at a window of 1 s
    assert np.median(level[row, level.shape[1] * 3 // 4 :]) > -3
    assert np.median(level[row, : level.shape[1] // 3]) < -50


def test_spectrograms_have_no_power_in_gaps_and_refuse_windows_that_do_not_fit(broken):
    drawn(plot_spectrogram(broken, 1))  # nothing there at all
    with pytest.raises(ParameterError, match="no longer than the longest segment"):
        plot_spectrogram(broken, window=60)


def test_shapes_are_drawn(record, broken):
    for one in (record, broken):
        for draw in (plot_spectrum, plot_autocorrelation, plot_correlation):
            drawn(draw(one))
        for row in (0, 1):
            drawn(plot_distribution(one, row))
    drawn(plot_distribution(Recording(np.full(50, 2.0), 10)))


def test_a_panel_goes_where_it_is_told(record):
    figure = Figure()
    axes = figure.subplots(2, 2).ravel()
    for ax, draw in zip(axes, (plot_spectrum, plot_autocorrelation, plot_distribution, plot_spectrogram), strict=True):
        assert draw(record, ax=ax) is figure


# -- to move about in --------------------------------------------------------------------------------------------------


def page_data(text):
    """Return what a page hands to its script."""
    return json.loads(text[text.rindex('("signals", ') + len('("signals", ') : text.rindex(");</script>")])


def decoded(channel, which="low"):
    steps = np.frombuffer(base64.b64decode(channel[which]), dtype="<i2").astype(float)
    return np.where(steps == -32768, np.nan, channel["middle"] + channel["scale"] * steps)


def test_a_page_holds_the_samples(broken):
    found = quality(broken)
    data = page_data(interactive_html(broken, peaks=detect_peaks(broken.pick("I")), quality={"ecg": found}))
    assert [(span["time"], span["n"]) for span in data["spans"]] == [(0.0, 1500), (60.0, 1500)]
    step = np.ptp(broken.data[0][~np.isnan(broken.data[0])]) / 65_534
    np.testing.assert_allclose(decoded(data["channels"][0]), broken.data[0], atol=step)
    assert np.isnan(decoded(data["channels"][1])).all()
    assert data["beats"]["row"] == 0
    assert any(s["fillcolor"] == "#c8ccd2" and s["x0"] == 2.8 and s["yref"] == "y domain" for s in data["shapes"])


def test_a_long_page_loses_no_spike(monkeypatch):
    import sigsimnet.plotting._interactive as module

    monkeypatch.setattr(module, "MOST", 2000)
    x = np.random.default_rng(0).normal(size=(2, 50_000)).astype(np.float32)
    x[1, 23_456] = 90.0
    data = page_data(interactive_html(Recording(x, 500)))
    span, channel = data["spans"][0], data["channels"][1]
    assert 2 * 2 * span["n"] <= 2 * module.MOST
    high = decoded(channel, "high")
    assert np.nanmax(high) == pytest.approx(90, abs=0.01)
    assert abs(span["time"] + span["step"] * np.nanargmax(high) - 23_456 / 500) <= span["step"]


def test_names_cannot_break_out_of_a_page():
    text = interactive_html(Recording(np.arange(50.0), 10, channel_names=["</script><b>"]))
    assert "</script><b>" not in text
    assert page_data(text)["channels"][0]["name"] == "</script><b>"


def test_a_part_that_begins_in_a_pause_keeps_its_times(record):
    paused = record.replace(spans=[Span(0, 1500, 0.0), Span(1500, 3000, 60.0)])
    for figure in (
        plot_recording(paused, start=30, stop=64),
        plot_cleaning(paused, "ecg", start=30, stop=64),
        plot_quality(paused, start=30, stop=64),
        plot_r_peaks(paused, start=30, stop=64),
    ):
        line = drawn(figure).axes[0].lines[0]
        assert line.get_xdata()[0] == pytest.approx(60.0)
        assert len(line.get_xdata()) == 1000
    marks = plot_r_peaks(paused, start=30, stop=64).axes[0].lines[-1].get_xdata()
    assert ((marks >= 60) & (marks <= 64)).all()
    assert len(marks) >= 2


def test_a_part_of_a_long_record_is_drawn_in_full():
    x = np.tile(simulate_one(2, duration=60).data, 30)
    figure = drawn(plot_quality(Recording(x, 250, channel_names=["I"], units="mV"), start=1000, stop=1010))
    assert len(figure.axes[0].lines[0].get_xdata()) == 2500
    assert figure.axes[0].get_xlim() == pytest.approx((1000, 1010), abs=0.01)
