"""Series: methods against closed forms, verdicts against what was put in, gaps against what was hidden."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

pytest.importorskip("statsmodels", reason="series need statsmodels: pip install 'sigsimnet[profile]'")

from typer.testing import CliRunner

from sigsimnet import Recording, simulate
from sigsimnet._spans import Span
from sigsimnet.cli import app
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.series import METHODS, Series, fill, forecast, nowcast, series_of
from sigsimnet.series._fill import FactorModel
from sigsimnet.series._methods import ar_weights, period_of


def walk(n=400, seed=0, step=1.0):
    return 60 + np.cumsum(step * np.random.default_rng(seed).normal(size=n))


def vitals(n=600, seed=0):
    """Return four columns behind which one slow thing stands."""
    rng = np.random.default_rng(seed)
    common = np.zeros(n)
    for k in range(1, n):
        common[k] = 0.97 * common[k - 1] + 0.25 * rng.normal()
    rows = [70 + 8 * common, 16 + 2 * common, 97 - 0.8 * common, 36.8 + 0.2 * common]
    return np.stack(rows) + np.array([[1.0], [0.4], [0.15], [0.04]]) * rng.normal(size=(4, n))


# -- series ----------------------------------------------------------------------------------------------------------


def test_heart_rate_of_an_ecg():
    [one] = simulate(1, 1, duration=120, seed=3)
    found = series_of(one)
    assert (found.step, found.names, found.units) == (5.0, ("heart rate",), ("1/min",))
    assert found.values.shape == (1, 24)
    from sigsimnet import detect_peaks

    peaks = detect_peaks(one)
    assert np.nanmean(found.values) == pytest.approx(peaks.heart_rate, rel=0.05)
    assert series_of(one, step=20).values.shape == (1, 6)
    inside = (peaks.times[1:] >= 20) & (peaks.times[1:] < 40)
    assert series_of(one, step=20).values[0, 1] == pytest.approx(60 / np.diff(peaks.times)[inside].mean())


def test_pauses_are_missing_values():
    one = Recording(np.arange(20.0), 0.2, spans=[Span(0, 10), Span(10, 20, 100.0)], channel_names=["SpO2"])
    found = series_of(one)
    assert found.step == 5.0
    assert found.values.shape == (1, 30)
    assert np.isnan(found.values[0, 10:20]).all()
    assert found.values[0, 20] == 10.0
    assert found.missing == pytest.approx(1 / 3)


def test_means_over_longer_steps():
    x = np.arange(12.0)
    x[3] = np.nan
    found = series_of((x, 5.0), step=15.0)
    np.testing.assert_allclose(found.values[0], [1.0, 4.5, 7.0, 10.0])
    with pytest.raises(ParameterError, match="shorter than that of the values"):
        series_of((x, 5.0), step=1.0)
    with pytest.raises(ParameterError, match="positive"):
        series_of((x, 5.0), step=0)
    with pytest.raises(SignalError, match="no value is known"):
        series_of((np.full(9, np.nan), 5.0))
    with pytest.raises(ParameterError, match="no column 'x'"):
        series_of((x, 5.0)).column("x")


# -- methods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_no_method_sees_what_comes(name):
    x = walk()
    past = METHODS[name](x[:200], 12, 5.0)
    other = x.copy()
    other[200:] = 1e6
    again = METHODS[name](other[:200], 12, 5.0)
    if past is None:
        assert again is None
    else:
        np.testing.assert_array_equal(past, again)
        assert len(past) == 12


def test_weights_of_the_autoregression_add_up_to_its_forecast():
    from statsmodels.tsa.ar_model import AutoReg

    x = walk(300, seed=4)
    constant, weights, newest = ar_weights(x, 10)
    expected = AutoReg(x, 6).fit().forecast(10)
    np.testing.assert_allclose(constant + weights @ newest, expected, rtol=1e-9)
    np.testing.assert_array_equal(newest, x[::-1][:6])
    assert ar_weights(np.ones(100), 3) is None


def test_periods_are_found():
    t = np.arange(400)
    rng = np.random.default_rng(0)
    assert period_of(np.sin(2 * np.pi * t / 25) + 0.3 * rng.normal(size=400)) == pytest.approx(25, abs=1)
    assert period_of(rng.normal(size=400)) is None
    assert period_of(np.ones(400)) is None


# -- forecast --------------------------------------------------------------------------------------------------------


def test_a_random_walk_is_no_better_than_its_last_value():
    found = forecast((walk(600), 5.0), 60.0)
    assert found.method == "last value"
    assert found.verdict.startswith("no better than the last value")
    np.testing.assert_allclose(found.values, found.series.values[0, -1])
    assert (found.low < found.values).all()
    assert (np.diff(found.high - found.low) > -1e9).all()


def test_what_comes_again_is_found():
    t = np.arange(600)
    x = 70 + 6 * np.sin(2 * np.pi * t / 24) + 0.3 * np.random.default_rng(1).normal(size=600)
    found = forecast((x, 5.0), 60.0)
    assert found.method != "last value"
    assert "is better than the last value" in found.verdict
    truth = 70 + 6 * np.sin(2 * np.pi * np.arange(600, 612) / 24)
    assert np.abs(found.values - truth).max() < 1.5
    base = next(one for one in found.methods if one.name == "last value")
    assert found.methods[0].mae < 0.3 * base.mae


def test_errors_are_those_of_the_moments():
    x = walk(300, seed=2)
    found = forecast((x, 5.0), 10.0, methods=["mean of 5 min"], origins=7)
    base = next(one for one in found.methods if one.name == "last value")
    moments = np.unique(np.linspace(150, 298, 7).astype(int))
    expected = np.array([x[at - 1] - x[at : at + 2] for at in moments])
    np.testing.assert_allclose(base.errors, expected)
    assert base.mae == pytest.approx(np.abs(expected[:, 1]).mean())
    assert base.low <= base.mae <= base.high


@pytest.mark.slow
def test_the_interval_holds_what_it_says():
    inside, total = 0, 0
    for seed in range(30):
        x = walk(500, seed=seed)
        found = forecast((x[:-12], 5.0), 60.0, origins=30, methods=["last value"])
        inside += int(((x[-12:] >= found.low) & (x[-12:] <= found.high)).sum())
        total += 12
    assert inside / total == pytest.approx(0.8, abs=0.12)


def test_contributions_add_up():
    rng = np.random.default_rng(3)
    x = np.zeros(600)
    for k in range(2, 600):
        x[k] = 1.6 * x[k - 1] - 0.8 * x[k - 2] + rng.normal()
    found = forecast((70 + x, 5.0), 10.0, methods=["AR(6)"])
    assert found.method == "AR(6)"
    np.testing.assert_allclose(sum(found.contributions.values()), found.values, rtol=1e-9)


def test_gaps_do_not_stop_it():
    x = walk(400, seed=5)
    x[100:130] = x[250:260] = np.nan
    found = forecast((x, 5.0), 30.0)
    assert np.isfinite(found.values).all()
    assert all(np.isfinite(one.mae) for one in found.methods)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"horizon": 0}, ParameterError, "horizon"),
        ({"level": 1.5}, ParameterError, "level"),
        ({"origins": 2}, ParameterError, "origins"),
        ({"methods": ["oracle"]}, ParameterError, "unknown method 'oracle'"),
        ({"horizon": 5000.0}, SignalError, "too few to try"),
        ({"column": "pulse"}, ParameterError, "no column"),
    ],
)
def test_settings(settings, error, said):
    with pytest.raises(error, match=said):
        forecast((walk(200), 5.0), **settings)


# -- gaps, and one from others ---------------------------------------------------------------------------------------


def test_gaps_are_filled_from_the_other_columns():
    truth = vitals()
    given = truth.copy()
    given[0, 100:140] = given[1, 300:330] = given[2, 50:55] = np.nan
    found = fill((given, 5.0))
    gaps = np.isnan(given)
    assert found.n_filled == gaps.sum()
    np.testing.assert_array_equal(found.series.values[~gaps], given[~gaps])
    assert np.isfinite(found.series.values).all()
    for row, noise in ((0, 1.0), (1, 0.4)):
        assert np.abs(found.series.values[row] - truth[row])[gaps[row]].mean() < 2 * noise
    assert "better than by lines" in found.verdict
    assert all(found.mae[name] < found.mae_line[name] for name in found.mae)
    off = np.abs(found.series.values - truth)[gaps] / found.spread[gaps]
    assert 0.5 < np.sqrt((off**2).mean()) < 1.6
    assert (found.spread[~gaps] == 0).all()
    assert fill((truth, 5.0)).verdict == "nothing is missing"


def test_one_column_is_filled_by_itself():
    x = walk(300, seed=6, step=0.5)
    given = x.copy()
    given[100:106] = np.nan
    found = fill((given, 5.0))
    assert np.abs(found.series.values[0, 100:106] - x[100:106]).mean() < 2.0


def test_one_column_from_the_others():
    truth = vitals()
    found = nowcast((truth, 5.0), "column 1", hidden=120.0)
    assert found.mae < found.mae_last
    assert "the others say it to" in found.verdict
    assert sum(found.contributions.values()) == pytest.approx(found.value, abs=1e-6)
    assert found.value == pytest.approx(truth[0, -1], abs=6.0)
    rng = np.random.default_rng(0)
    unrelated = np.stack([walk(400, seed=1), rng.normal(size=400)])
    assert nowcast((unrelated, 5.0), "column 1", hidden=20.0).verdict.startswith("no better than the last value")
    with pytest.raises(ParameterError, match="no other column"):
        nowcast((walk(), 5.0), "column 1")


def test_the_factor_is_a_sum_over_columns():
    values = vitals(300)
    values[2, 40:60] = np.nan
    one = Series(values, 5.0, ("a", "b", "c", "d"), ("",) * 4)
    model = FactorModel(one)
    parts = model.contributions(values, "b", 280, 10)
    longer = np.c_[values[:, :280], values[:, 280:290]]
    np.testing.assert_allclose(sum(parts.values()), model.estimate(longer)[0][1, -10:], atol=1e-8)


def test_the_factor_is_tried_where_there_are_columns():
    found = forecast((vitals(400), 5.0), 60.0, column="column 2")
    assert "dynamic factor" in {one.name for one in found.methods}
    assert found.column == "column 2"


# -- the command and the page ----------------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    values = vitals()
    values[1, 200:220] = np.nan
    path = tmp_path / "vitals.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time (s)", "heart rate (1/min)", "respiration (1/min)", "SpO2 (%)", "temperature (degC)"))
        for k, row in enumerate(values.T):
            writer.writerow([5 * k, *("" if np.isnan(v) else f"{v:.4f}" for v in row)])
    return path


def test_the_command(table, tmp_path):
    run = CliRunner().invoke
    out, page = tmp_path / "next.csv", tmp_path / "next.html"
    done = run(app, ["forecast", str(table), "--horizon", "30", "-o", str(out), "--page", str(page)])
    assert done.exit_code == 0, done.output
    assert "last value" in done.output
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert float(rows[0]["time (s)"]) == 3000.0
    assert "Methods at the same moments" in page.read_text(encoding="utf-8")
    filled = tmp_path / "filled.csv"
    done = run(app, ["forecast", str(table), "--fill", "-o", str(filled), "--page", str(tmp_path / "filled.html")])
    assert done.exit_code == 0, done.output
    assert "20 values were filled" in done.output
    assert not np.isnan(series_of(filled).values).any()
    column = series_of(table).names[0]
    done = run(app, ["forecast", str(table), "--nowcast", column, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["contributions"]
    page = tmp_path / "now.html"
    assert run(app, ["forecast", str(table), "--nowcast", column, "--page", str(page)]).exit_code == 0
    assert page.is_file()
    for wrong in (["--fill", "--nowcast", column], ["--nowcast", "pulse"], ["--nowcast", column, "-o", "x.csv"]):
        done = run(app, ["forecast", str(table), *wrong])
        assert isinstance(done.exception, ParameterError)


def test_vital_signs_at_times_without_a_unit_are_by_seconds(tmp_path):
    rows = "\n".join(f"{5 * k},{70 + k % 7}" for k in range(60))
    (tmp_path / "rate.csv").write_text(f"time,heart rate\n{rows}\n")
    found = series_of(tmp_path / "rate.csv")
    assert (found.step, found.names, found.values.shape) == (5.0, ("heart rate",), (1, 60))
    assert found.values[0, :3].tolist() == [70, 71, 72]
