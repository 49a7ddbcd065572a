"""What was changed on purpose is found; what was not is let alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from heart_waves import P, Q, R, S, T, ecg, recording
from sigsimnet import change, write
from sigsimnet.changes import Difference, group_of, strangeness, usual_difference
from sigsimnet.cli import app
from sigsimnet.errors import ParameterError

pytest.importorskip("openecg", reason="openecg is not installed: sigsimnet[delineate]")

BASE = (P, Q, R, S, T)


def record(waves=BASE, every=0.85, seed=1, seconds=25, **more):
    x, _ = ecg(seconds=seconds, waves=waves, every=every, noise=0, **more)
    return recording(x + np.random.default_rng(seed).normal(0, 0.006, len(x)))


def level_of(found, name, channel=""):
    return next(one for one in found.differences if one.name == name and one.channel == channel)


def test_the_same_heart_has_not_changed():
    found = change(record(seed=1), record(seed=2), model=None)
    assert found.verdict == "no change beyond the usual"
    assert not found.reasons
    assert not found.rhythm
    assert strangeness(found.differences) < 1


def test_one_record_twice_is_no_change_and_no_answer():
    one = record(seed=1)
    found = change(one.replace(source="monday.csv"), one.replace(source="again.csv"), model=None)
    assert found.verdict == "cannot tell"
    assert "monday.csv and the new record hold the same samples" in found.reasons[0]


LATER_T, LOW_T = (T[0] + 0.05, T[1], T[2]), (T[0], T[1], -T[2])
EARLIER_P = (P[0] - 0.045, P[1], P[2])


@pytest.mark.parametrize(
    ("waves", "name", "channel", "step"),
    [
        ((P, Q, R, S, LATER_T), "QT", "", 50),
        ((EARLIER_P, Q, R, S, T), "PR", "", 45),
        ((P, Q, R, S, LOW_T), "T amplitude", "II", -0.6),
        ((P, Q, (0.0, 0.010, 0.5), S, T), "R amplitude", "II", -0.5),
    ],
)
def test_injected_changes_are_measured_and_flagged(waves, name, channel, step):
    found = change(record(seed=1), record(waves, seed=2), model=None)
    one = level_of(found, name, channel)
    assert one.difference == pytest.approx(step, abs=abs(step) * 0.25)
    assert one.level in {"unusual", "rare"}
    assert found.verdict in {"changed", "perhaps changed"}


def test_qt_that_follows_the_rate_is_no_change_of_qtc():
    rr = 0.70
    shorter = 0.42 * (1 - np.cbrt(rr / 0.85))
    now = record((P, Q, R, S, (T[0] - shorter, T[1], T[2])), every=rr, seed=2)
    found = change(record(seed=1), now, model=None)
    assert level_of(found, "QT").difference < -15
    assert level_of(found, "QTc fridericia").level == "usual"


def test_rhythm_stands_apart_from_shape():
    found = change(record(seed=1), record((Q, R, S, T), every=0.45, seed=2), model=None)
    assert found.verdict == "changed"
    assert any("P wave was found" in one for one in found.rhythm)
    assert any(one.startswith("heart rate is") for one in found.rhythm)


def test_too_few_beats_cannot_tell():
    found = change(record(seed=1), record(seed=2, seconds=5), model=None)
    assert found.verdict == "cannot tell"
    assert "longer record would help" in found.reasons[0]


def test_several_baselines_bring_the_persons_own_spread():
    spread = [record(((P[0], P[1], height), Q, R, S, T), seed=k) for k, height in enumerate((0.05, 0.12, 0.19, 0.12))]
    one = level_of(change(spread, record(seed=9), model=None), "P amplitude", "II")
    assert one.source == "own"
    alone = level_of(change(spread[1], record(seed=9), model=None), "P amplitude", "II")
    assert alone.source == "table"


def test_own_spread_widens_and_narrows_what_is_usual():
    narrow = usual_difference("QT", "", [400.0, 401.0, 400.0, 401.0, 400.0])
    wide = usual_difference("QT", "", [360.0, 440.0, 380.0, 430.0, 400.0])
    table = usual_difference("QT", "", [400.0])
    assert narrow.difference < table.difference < wide.difference
    assert np.isnan(usual_difference("nothing", "", [1.0]).difference)
    assert usual_difference("QT", "", [400.0], same_day=True).difference != table.difference


def test_leads_meet_under_their_standard_names():
    a, b = record(seed=1), record(seed=2)
    b = b.replace(channel_names=["MLII"])
    found = change(a, b, model=None)
    assert np.isfinite(level_of(found, "R amplitude", "II").difference)
    other = change(a, b.replace(channel_names=["V5"]), model=None)
    assert all(not one.channel for one in other.differences)


def test_the_model_gives_the_likeness_of_beats():
    found = change(record(seed=1), record(seed=2))
    assert found.score > 0.95
    assert 0 <= found.share_less_alike <= 1


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Difference("ST at J+80", "V2", "mV", 0.0, 0.15, 0.15, 0.1, 0.2, "unusual", "table", "shape"),
         "ST at J+80 in V2 is 0.15 mV higher (0.00 to 0.15 mV; up to 0.10 mV are usual)"),
        (Difference("PR", "", "ms", 160, np.nan, np.nan, 20, 30, "missing", "table", "shape"),
         "PR was measured before but not now"),
        (Difference("S amplitude", "V1", "mV", -1, -1.4, -0.4, 0.2, 0.3, "rare", "table", "shape"),
         "S amplitude in V1 is 0.40 mV deeper (-1.00 to -1.40 mV; up to 0.20 mV are usual)"),
    ],
)  # fmt: skip
def test_in_words(one, said):
    assert one.in_words() == said


def test_groups():
    assert group_of("ST at J+80", "V3") == "ST at J+80, chest"
    assert group_of("ST at J+80", "MLII") == "ST at J+80, limb"


def test_no_baseline():
    with pytest.raises(ParameterError, match="at least one baseline"):
        change([], record())


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path):
        write(record(seed=1), tmp_path / "monday.csv")
        write(record((P, Q, R, S, LOW_T), seed=2), tmp_path / "now.csv")
        return tmp_path

    def run(self, *arguments):
        return CliRunner().invoke(app, [str(one) for one in arguments])

    def test_answer(self, files):
        run = self.run("change", files / "monday.csv", files / "now.csv", "--model", "none", "--json")
        found = json.loads(run.stdout)
        assert found["verdict"] == "changed"
        assert "no diagnosis" in found["note"]
        assert any("T amplitude" in reason for reason in found["reasons"])
        run = self.run("change", files / "monday.csv", files / "now.csv", "--model", "none")
        assert run.stdout.splitlines()[0] == "changed"
        assert "T amplitude" in run.stdout

    def test_page_and_picture(self, files):
        pytest.importorskip("matplotlib", reason="matplotlib is not installed: sigsimnet[plots]")
        for name in ("a.html", "a.png"):
            run = self.run("change", files / "monday.csv", files / "now.csv", "--model", "none", "-o", files / name)
            assert run.exit_code == 0, run.output
        page = (files / "a.html").read_text(encoding="utf-8")
        assert "The ECG has changed" in page
        assert "It is no diagnosis" in page
        assert "http" not in page.split("<body>")[-1].replace("http://www.w3.org", "")

    def test_one_file_is_not_enough(self, files):
        run = self.run("change", files / "monday.csv")
        assert isinstance(run.exception, ParameterError)

    def test_marks_of_a_file(self, files):
        import wfdb

        table, marks = files / "marks.csv", files / "m.atr"
        assert self.run("delineate", files / "monday.csv", "-o", table).exit_code == 0
        assert self.run("delineate", files / "monday.csv", "-o", marks).exit_code == 0
        assert table.read_text().splitlines()[0] == "beat,kind,channel,wave,onset,peak,offset"
        symbols = wfdb.rdann(str(files / "m"), "atr").symbol
        assert {"(", "p", "N", "t", ")"} == set(symbols)
        found = json.loads(self.run("delineate", files / "monday.csv", "--json").stdout)
        assert found["share_found"]["II"]["T"] > 0.9
