"""Settings are checked by their type hints."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from sigsimnet import cleaning, simulate
from sigsimnet.cleaning import STEPS, Chain
from sigsimnet.errors import ParameterError, SigSimNetError

ODD = (np.array([1, 2]), "x", -1, 0, 1e12, float("nan"), float("inf"), None, 1.5, True, 2 + 1j, [1], {}, "€" * 10_000)


@pytest.fixture(scope="module")
def recording():
    return simulate(1, 1, duration=6, seed=1)[0]


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_setting_of_every_step(recording, name):
    """An odd value is refused in one sentence, or the step runs with it."""
    from dataclasses import fields

    kind = STEPS.get(name)
    refused = []
    for field in fields(kind):
        for value in ODD:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    Chain([kind(**{field.name: value})]).apply(recording)
                except SigSimNetError as error:
                    refused.append(str(error))
    assert all(len(said) < 1100 and "\n" not in said for said in refused)
    assert len(refused) >= 7 * len(fields(kind))


@pytest.mark.parametrize("order", [50, 11, 0, -1, 1.5, True, "2", None, np.array([1, 2])])
def test_orders_of_filters(order):
    x = np.random.default_rng(0).normal(size=1000)
    with pytest.raises(ParameterError, match="order is"):
        cleaning.bandpass(x, 250, 0.5, 40, order=order)


def test_numbers_of_numpy_are_numbers():
    x = np.random.default_rng(0).normal(size=1000)
    same = cleaning.bandpass(x, np.float32(250), np.float64(0.5), np.int64(40), order=np.int8(2))
    np.testing.assert_array_equal(same, cleaning.bandpass(x, 250, 0.5, 40))
    assert Chain.from_dict(Chain([STEPS.get("bandpass")(order=np.int64(3))]).to_dict()).steps[0].order == 3


@pytest.mark.parametrize("name", ["bandpass", "notch", "median_baseline", "moving_average", "savitzky_golay"])
def test_complex_samples_are_refused(name):
    """Their imaginary part would be dropped without a word."""
    x = np.random.default_rng(0).normal(size=1000) + 1j
    more = {"bandpass": (0.5, 40), "notch": (50,)}.get(name, ())
    with pytest.raises(ParameterError, match="complex"):
        getattr(cleaning, name)(x, 250, *more)


def test_corners_and_rates_that_no_number_holds(recording):
    from sigsimnet.io._rates import resample

    x = np.random.default_rng(0).normal(size=1000)
    for low, high in ((1e-12, 40), (-1, 40), (40, 0.5), (float("nan"), 40), (0.5, float("nan"))):
        with pytest.raises(ParameterError):
            cleaning.bandpass(x, 250, low, high)
    for rate in (1e9, 1e300, float("inf"), -1, 0, 1e-9):
        with pytest.raises(ParameterError):
            resample(recording, rate)


def test_calls_that_no_machine_answers():
    import sigsimnet as ssn

    noise = np.random.default_rng(0).normal(size=3000)
    one = ssn.simulate(1, 1, duration=6, seed=1)[0]
    for call in (
        lambda: ssn.windows(one, step=1e-9),
        lambda: ssn.windows((noise, 1e-6)),
        lambda: ssn.windows(one, length=1e9),
        lambda: ssn.quality((noise, 1e6)),
        lambda: ssn.profile((noise, 1e300)),
        lambda: ssn.simulate(10**9, 1),
        lambda: ssn.simulate(1, 1, duration=1e12),
        lambda: ssn.detect_peaks(one, method=np.array([1, 2])),
        lambda: ssn.quality(one, whole=np.array([1, 2])),
        lambda: ssn.beats(one, detector=np.array([1, 2])),
        lambda: ssn.as_recording((noise + 1j, 250)),
    ):
        with pytest.raises(SigSimNetError):
            call()
