"""Results show themselves: as pictures, tables, plain values, and in the cell of a notebook."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sigsimnet as ssn
from sigsimnet.analysis import hrv, spectrum
from sigsimnet.cleaning import preset
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.peaks import clean_rr
from sigsimnet.plotting import plot_heart_rate, plot_quality_map, spark_svg
from sigsimnet.recording import Recording, Span
from sigsimnet.signal_quality import REASONS

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def recording():
    return ssn.simulate(1, 1, duration=40, seed=3)[0]


@pytest.fixture(scope="module")
def peaks(recording):
    return ssn.detect_peaks(recording)


@pytest.fixture(scope="module")
def found(recording):
    data = recording.data.copy()
    data[0, 2500:3000] = np.nan  # 10 to 12 s
    return ssn.profile(recording.replace(data=data, source="<b>a</b>.csv"))


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_beats_draw_themselves(recording, peaks):
    (ax,) = peaks.plot().axes
    rates = ax.lines[0].get_ydata()
    np.testing.assert_allclose(rates[np.isfinite(rates)], 60 / peaks.rr, rtol=1e-6)
    (ax,) = peaks.plot(recording, start=10.0, stop=20.0).axes
    marks = ax.lines[-1].get_xdata()
    assert marks.tolist() == peaks.times[(peaks.times >= 10) & (peaks.times <= 20)].tolist()
    with pytest.raises(SignalError, match="no channel"):
        peaks.plot(recording.replace(channel_names=["other"]))


def test_intervals_that_are_not_normal_are_dots(peaks):
    from dataclasses import replace

    times = np.delete(peaks.times, 20)  # a beat that was missed
    one_missing = replace(
        peaks,
        **{
            name: np.delete(getattr(peaks, name), 20)
            for name in ("samples", "times", "confidence", "span", "gap_free_span")
        },
    )
    (ax,) = plot_heart_rate(one_missing).axes
    dots = ax.lines[1]
    assert dots.get_xdata().tolist() == [times[20]]
    assert dots.get_ydata() == pytest.approx(60 / (times[20] - times[19]))
    assert plot_heart_rate(clean_rr(one_missing)).axes[0].lines[1].get_xdata().tolist() == [times[20]]


def test_quality_draws_itself(recording):
    judged = ssn.quality(recording)
    mesh = judged.plot().axes[0].collections[0]
    np.testing.assert_allclose(mesh.get_array().ravel(), judged.index[0])
    assert len(judged.plot(recording).axes) == 2  # the signal, and the index under it
    with pytest.raises(ParameterError, match="is not the recording that was judged"):
        judged.plot(recording.crop(0, 20))


def test_pauses_stay_white_on_the_map_of_quality(recording):
    half = recording.n_samples // 2
    paused = recording.replace(spans=[Span(0, half), Span(half, recording.n_samples, 3600.0)])
    meshes = ssn.quality(paused).plot().axes[0].collections
    edges = [mesh.get_coordinates()[0, :, 0] for mesh in meshes]
    assert [(float(e[0]), float(e[-1])) for e in edges] == [(0.0, 20.0), (3600.0, 3620.0)]


def test_a_map_shows_the_worst_second_of_each_column():
    x = np.sin(np.arange(2 * 5000) / 3.0)
    x[2 * 1234 : 2 * 1235] = np.nan
    judged = ssn.quality(Recording(x, 2), modality=None)
    shown = plot_quality_map(judged).axes[0].collections[0].get_array().ravel()
    assert len(shown) == 1667
    assert int(np.argmin(shown)) == 1234 // 3
    with pytest.raises(ParameterError, match="no second was judged"):
        plot_quality_map([])


def test_a_profile_draws_itself_and_gives_its_page(found):
    pytest.importorskip("plotly")
    pytest.importorskip("jinja2")
    from sigsimnet.reports import profile_html

    assert len(found.plot().axes) == 3
    page = found.to_html()
    assert page == profile_html(found)
    assert page.startswith("<!doctype html>")
    assert "<b>a</b>" not in page


def test_profiles_of_little_draw_themselves_too():
    for n in (2, 9, 300):
        assert ssn.profile((np.arange(n) % 3, 100)).plot().axes
    many = ssn.profile((np.random.default_rng(0).normal(size=(11, 500)), 100)).plot()
    assert "the first 8 of 11 channels" in many.get_suptitle()


def test_a_small_picture_spans_its_channel():
    x = np.zeros(900)
    x[450] = 1.0
    assert spark_svg(x).count("M") == 90
    assert spark_svg(np.full(9, np.nan)) == ""
    x[:90] = np.nan
    assert spark_svg(x).count("M") == 81


# -- tables and plain values ------------------------------------------------------------------------------------------


def test_tables_of_beats(peaks):
    table = peaks.to_dataframe()
    assert list(table.columns) == ["sample", "time", "confidence", "rr", "span", "gap_free_span"]
    np.testing.assert_array_equal(table["time"], peaks.times)
    assert np.isnan(table["rr"].iloc[0])
    np.testing.assert_array_equal(table["rr"].iloc[1:], peaks.rr)
    none = ssn.detect_peaks((np.zeros(1000), 100))
    assert len(none.to_dataframe()) == 0
    assert none.to_dict()["heart_rate"] is None
    json.dumps(none.to_dict(), allow_nan=False)


def test_tables_of_intervals(peaks):
    series = clean_rr(peaks)
    table = series.to_dataframe()
    np.testing.assert_array_equal(table["rr"], series.rr)
    assert table["kind"].tolist() == series.kind.tolist()
    assert json.loads(json.dumps(series.to_dict(), allow_nan=False))["kind"] == series.kind.tolist()


def test_tables_of_spectra_and_variability(recording, peaks):
    pytest.importorskip("neurokit2")
    density = spectrum(recording)
    table = density.to_dataframe()
    assert list(table.columns) == list(recording.channel_names)
    np.testing.assert_array_equal(table.index, density.frequencies)
    np.testing.assert_array_equal(table.iloc[:, 0], density.density[0])
    json.dumps(density.to_dict(), allow_nan=False)
    variability = hrv(peaks)
    (row,) = variability.to_dataframe().to_dict("records")
    assert row["sdnn"] == variability.sdnn
    assert variability.to_dict()["rmssd"] == variability.rmssd
    assert variability.to_dict()["lf"] is None  # too short a record
    json.dumps(variability.to_dict(), allow_nan=False)


def test_tables_of_profiles_and_cleanings(recording, found):
    table = found.to_dataframe()
    assert table.loc["I", "modality"] == "ecg"
    assert table.loc["I", "good"] == pytest.approx(float(found.quality["ecg"].share_good[0]))
    assert table.loc["I", "missing"] == 500
    assert "modality" not in found.statistics.columns
    json.dumps(found.to_dict(), allow_nan=False)
    cleaned = preset("ecg").apply(recording)
    assert cleaned.to_dataframe()["step"].tolist() == [entry.name for entry in cleaned.log]
    json.dumps(cleaned.to_dict(), allow_nan=False)


# -- notebooks --------------------------------------------------------------------------------------------------------


def test_notebooks_show_small_tables(recording, peaks, found):
    judged = found.quality["ecg"]
    for result, said in (
        (recording, "Recording 1 channel"),
        (peaks, f">{len(peaks)}<"),
        (judged, "no signal"),
        (found, "Profile 1 channel"),
    ):
        shown = result._repr_html_()
        assert said in shown
        assert "<svg" in shown
        assert "http" not in shown
        assert len(shown) < 10_000


def test_notebooks_escape_what_files_say():
    bad = '<img src=x onerror="alert(1)">'
    recording = ssn.simulate(1, 1, duration=10, seed=1)[0].replace(
        channel_names=[bad], units=[bad], warnings=[bad], source=bad
    )
    peaks = ssn.detect_peaks(recording, channel=bad)
    for result in (recording, peaks, ssn.quality(recording), ssn.profile(recording, modality="ecg")):
        assert "<img" not in result._repr_html_()


def test_reasons_of_a_notebook_are_those_of_the_table(found):
    judged = found.quality["ecg"]
    worst = REASONS[int(judged.reasons[0].sum(axis=0).argmax())]
    assert f"{worst} " in judged._repr_html_()


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nothing_is_shown_too(n):
    empty = Recording(np.zeros((2, n)), 100)
    assert "100 Hz" in empty._repr_html_()
    assert ssn.quality(empty, modality=None)._repr_html_()
    assert ssn.quality(empty, modality=None).to_dict()["channels"]["ch1"]["index"] == [1.0] * n
