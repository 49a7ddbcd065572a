"""What `quality` promises of any recording: invariants, borders, hard cases, sentences."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.channels import MODALITIES
from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.recording import Recording, Span
from sigsimnet.signal_quality import REASONS, THRESHOLD, quality
from sigsimnet.signal_quality.features import seconds

NAN = float("nan")
ABOUT_SHAPE = slice(0, REASONS.index("polarity inverted"))


def same(a, b, *, atol=1e-4):
    np.testing.assert_allclose(a.index, b.index, atol=atol)
    changed = (a.reasons[..., ABOUT_SHAPE] != b.reasons[..., ABOUT_SHAPE]).mean()
    assert changed < 1e-3


@pytest.fixture(scope="module")
def mixed(clean):
    """A minute with a noisy third and a gap."""
    data = clean.data.copy()
    data[0, 5000:10000] += np.random.default_rng(0).normal(0, 0.4, 5000)
    data[0, 12000:12600] = NAN
    return clean.replace(data=data)


@settings(max_examples=12, deadline=None)
@given(power=st.integers(-20, 20), sign=st.sampled_from([-1.0, 1.0]))
def test_gain_and_sign_do_not_count(mixed, power, sign):
    same(quality(mixed), quality(mixed.replace(data=mixed.data * np.float32(sign * 2.0**power))), atol=1e-6)


@pytest.mark.parametrize("gain", [1e-6, 3.7, 1000.0, 2e5])
def test_units_do_not_count(mixed, gain):
    same(quality(mixed), quality(mixed.replace(data=mixed.data * np.float32(gain))))


@pytest.mark.parametrize("offset", [-3.0, 0.5, 20.0])
def test_offset_does_not_count(mixed, offset):
    same(quality(mixed), quality(mixed.replace(data=mixed.data + np.float32(offset))), atol=5e-3)


def test_channels_do_not_see_each_other(twelve):
    together = quality(twelve)
    turned = quality(twelve.pick(list(reversed(twelve.channel_names))))
    np.testing.assert_array_equal(together.index, turned.index[::-1])
    np.testing.assert_array_equal(together.index[4], quality(twelve.pick("aVL")).index[0])


@pytest.mark.parametrize("rate", [250.0, 359.7])
def test_a_cut_record_gives_the_same_answers_away_from_the_cuts(rate):
    rng = np.random.default_rng(1)
    level = np.repeat(rng.uniform(0, 1, 50), round(5 * rate))
    t = np.arange(len(level)) / rate
    x = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.015) ** 2) + level * 0.2 * rng.normal(size=len(t))
    whole = Recording(x, rate)
    first = round(60 * rate)
    part = quality(Recording(x[first : first + round(150 * rate)], rate))
    # Off whole rates the seconds of both begin at other fractions of a sample.
    off = 0.01 if rate == 250 else 0.1
    np.testing.assert_allclose(part.index[0, 45:105], quality(whole).index[0, 105:165], atol=off)


def test_memory_pieces_leave_no_trace(mixed, monkeypatch):

    long = Recording(np.tile(mixed.data, 5), 250)
    whole = quality(long)
    monkeypatch.setattr(seconds, "CORE", 70)
    same(whole, quality(long), atol=5e-3)


def test_seconds_never_span_a_pause(clean):
    paused = clean.replace(spans=[Span(0, 2600, 0.0), Span(2600, clean.n_samples, 100.0)])
    found = quality(paused)
    assert found.times[:12].tolist() == [*map(float, range(11)), 100.0]
    assert found.durations[10] == pytest.approx(0.4)
    assert found.durations.sum() == pytest.approx(clean.duration)
    assert found.starts[10:12].tolist() == [2500, 2600]
    same(quality(Recording(clean.data[:, 2600:], 250, channel_names=["I"])), _from(found, 11))


def _from(found, second):
    from dataclasses import replace

    return replace(found, index=found.index[:, second:], reasons=found.reasons[:, second:])


@pytest.mark.parametrize("modality", [*MODALITIES, None])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 60, 100, 250, 251, 700])
def test_short_ones(n, modality):
    x = np.random.default_rng(0).normal(size=(2, n))
    found = quality(Recording(x, 100), modality=modality)
    assert found.index.shape == (2, -(-n // 100))
    assert np.isfinite(found.index).all()
    assert repr(found).startswith("<Quality 2 channels")
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("modality", [*MODALITIES, None])
def test_nothing_and_flat(modality):
    data = np.zeros((3, 1000))
    data[0] = NAN
    data[2, 500:] = NAN
    found = quality(Recording(data, 100), modality=modality)
    assert not found.good.any()
    assert (found.index == 0).all()
    named = [{REASONS[k] for k in np.flatnonzero(found.reasons[c].any(axis=0))} for c in range(3)]
    assert named == [{"no signal"}, {"flat"}, {"flat", "no signal"}]


@pytest.mark.parametrize("rate", [80.0, 100.0, 128.0, 173.61, 257.3, 360.0, 1000.0, 2000.0])
def test_rates(rate):
    t = np.arange(round(30 * rate)) / rate
    rng = np.random.default_rng(0)
    x = np.exp(-0.5 * (((t % 0.9) - 0.4) / 0.012) ** 2) + 0.2 * np.exp(-0.5 * (((t % 0.9) - 0.65) / 0.05) ** 2)
    x += 0.01 * rng.normal(size=len(t))
    found = quality(Recording(x, rate))
    assert len(found) == 30
    assert found.share_good[0] > 0.9
    x[: len(x) // 2] += rng.normal(size=len(x) // 2)
    noisy = quality(Recording(x, rate))
    assert not noisy.good[0, :13].any()
    assert noisy.good[0, 17:].all()


def test_every_bad_second_has_a_reason(mixed):
    found = quality(mixed)
    assert found.reasons[~found.good].any(axis=-1).all()


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: quality(Recording(np.zeros(100), 50, source="a.csv")), SignalError, "a.csv: sampled at 50 Hz"),
        (lambda: quality(Recording(np.zeros(9), 1), modality="eda"), SignalError, "at least 2 Hz"),
        (lambda: quality(Recording(np.zeros(100), 100), modality="ekg"), ParameterError, "unknown modality 'ekg'.*ecg"),
        (lambda: quality(np.zeros(100)), ParameterError, r"no sampling rate: pass \(array, sampling_rate\)"),
    ],
)
def test_errors_are_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_it_needs_no_torch_and_no_sklearn():
    code = """
import sys, numpy as np
from sigsimnet.signal_quality import quality
from sigsimnet.recording import Recording
quality(Recording(np.random.default_rng(0).normal(size=3000), 100))
assert not {"torch", "sklearn", "pandas", "wfdb", "matplotlib", "scipy.signal"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_threshold_is_what_the_docstring_says():
    assert THRESHOLD == 0.5
    assert quality(Recording(np.zeros(200), 100)).threshold == THRESHOLD
    assert "0.5" in quality.__doc__
