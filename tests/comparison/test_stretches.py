"""Stretches: where in time two recordings are alike, against what was put there."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from sigsimnet import Recording, compare, simulate, write
from sigsimnet.cli import app
from sigsimnet.errors import ParameterError
from sigsimnet.reports import comparison_html

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
A, OTHER = (simulate(2, 1, duration=60, seed=3)[k] for k in (0, 1))


def patched():
    """Return A with its seconds 20 to 40 turned into somebody else's."""
    data = A.data.copy()
    rate = A.sampling_rate
    first, last = round(20 * rate), round(40 * rate)
    rng = np.random.default_rng(0)
    other = OTHER.data[:, first:last]
    # So that they are far from alike: R waves much smaller than T, as nobody of the simulation has them.
    data[:, first:last] = np.where(np.abs(other) > 0.5 * np.abs(other).max(), -0.6 * other, other)
    data[:, first:last] += rng.normal(0, 0.01, other.shape)
    return A.replace(data=data, source="patched")


def test_the_stretch_that_is_another_is_named():
    found = compare(A, patched()).stretches
    assert found.scores.shape == (len(found.a), len(found.b))
    changed = {one.b for one in found.worst(2)}
    assert {one.start for one in changed} <= {20.0, 30.0}
    assert all(one.b.start not in (20.0, 30.0) for one in found.best(3))
    assert all(one.a.start == one.b.start for one in found.best(3))  # the same samples are most alike
    rows = [one.a for one in found.best(99)]
    assert len(set(rows)) == len(rows)
    assert found.best(0) == ()
    assert found.to_dataframe()["score"].to_numpy().reshape(found.scores.shape).tolist() == found.scores.tolist()


def test_short_recordings_have_none_and_long_ones_at_most_120():
    assert compare(A.crop(0, 7), A.crop(10, 16)).stretches is None
    long = np.tile(A.data, (1, 40))
    found = compare(Recording(long, A.sampling_rate, channel_names=["I"], units="mV"), A).stretches
    assert 80 <= len(found.a) <= 121
    assert found.a[0].stop - found.a[0].start == 20.0


def test_enrolled_recordings_keep_their_own_time():
    found = compare([A.replace(source="one"), OTHER.replace(source="two")], A.replace(source="probe")).stretches
    assert {one.source for one in found.a} == {"one", "two"}
    assert found.best(1)[0].a.source == "one"


def test_it_refuses_a_negative_number():
    found = compare(A, OTHER).stretches
    for how in (found.best, found.worst):
        with pytest.raises(ParameterError, match="0 or more"):
            how(-1)


def test_page_and_command(tmp_path):
    first, second = simulate(1, 2, duration=20, seed=1, leads=LEADS)
    page = comparison_html(compare(first, second), recordings=(first, second))
    assert "Where in time" in page
    assert page.count("data:image/png") >= 6  # beats, matrix, two strips of the most and of the least alike
    for name, one in (("a.csv", first), ("b.csv", second)):
        write(one, tmp_path / name)
    done = CliRunner().invoke(app, ["compare", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--top", "2"])
    assert "most alike stretches" in done.stdout
    assert "least alike stretches" in done.stdout
    done = CliRunner().invoke(app, ["compare", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--json"])
    assert len(json.loads(done.stdout)["stretches"]["best"]) == 4
