from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError
from sigsimnet.io.clock.fit import find_packets, fit_clock


def says(warnings, *words):
    return any(all(word in warning for word in words) for warning in warnings)


@pytest.mark.parametrize("rate", [1.0, 4.0, 100.0, 128.0, 173.61, 250.0, 360.0, 500.0, 1000.0, 2048.0])
def test_exact_stamps_give_exact_rate_and_no_warning(rate):
    clock = fit_clock(np.arange(3000) / rate)
    assert clock.sampling_rate == pytest.approx(rate, rel=1e-6)
    assert len(clock.spans) == 1
    assert clock.warnings == ()


@pytest.mark.parametrize("rate", [128.0, 360.0, 512.0])
def test_rounded_stamps(rate):
    stamps = np.round(np.arange(20_000) / rate, 3)
    clock = fit_clock(stamps)
    assert clock.sampling_rate == pytest.approx(rate, rel=1e-4)
    assert len(clock.spans) == 1


def packets(rng, rate=497.3, size=500, n_packets=60, jitter=0.015, nominal=500.0):
    """Stamps as a host writes them: arrival of the packet, then the nominal step."""
    arrival = np.arange(n_packets) * size / rate + rng.normal(0, jitter, n_packets)
    return (arrival[:, None] + np.arange(size) / nominal).ravel()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), rate=st.floats(490, 499), size=st.sampled_from([100, 250, 500]))
def test_packets_of_host_stamps_recover_the_sensor_clock(seed, rate, size):
    stamps = packets(np.random.default_rng(seed), rate, size, n_packets=30_000 // size)
    clock = fit_clock(np.round(stamps, 3))
    assert clock.sampling_rate == pytest.approx(rate, rel=1e-3)
    assert clock.packet == size
    assert len(clock.spans) == 1
    assert says(clock.warnings, f"packets of {size}", "jump by")
    assert says(clock.warnings, "run backwards")


def test_packets_say_counts_that_are_true():
    stamps = np.round(packets(np.random.default_rng(3)), 3)
    clock = fit_clock(stamps)
    backwards = int(np.count_nonzero(np.diff(stamps) < -1e-9))
    repeats = len(stamps) - len(np.unique(np.round(stamps - stamps[0], 9)))
    jumps = np.diff(stamps)[499::500] * 1e3
    assert says(clock.warnings, f"run backwards at {backwards} places")
    assert says(clock.warnings, f"{repeats} time stamps repeat")
    assert says(clock.warnings, f"−{-jumps.min():.0f} … +{jumps.max():.0f} ms")
    assert says(clock.warnings, "count 500 Hz but the whole record fits")


def test_a_pause_between_packets_is_told_from_a_late_packet():
    stamps = packets(np.random.default_rng(1))
    stamps[15_000:] += 5.0
    clock = fit_clock(np.round(stamps, 3))
    assert [(span.start, span.stop) for span in clock.spans] == [(0, 15_000), (15_000, 30_000)]
    assert clock.spans[1].time == pytest.approx(15_000 / 497.3 + 5, abs=0.05)
    assert clock.sampling_rate == pytest.approx(497.3, rel=1e-3)
    assert says(clock.warnings, "1 pause")


def test_one_late_packet_is_no_pause():
    stamps = packets(np.random.default_rng(1))
    stamps[15_000:15_500] += 0.3
    assert len(fit_clock(np.round(stamps, 3)).spans) == 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), rate=st.sampled_from([100.0, 256.0, 1000.0]))
def test_jitter(seed, rate):
    rng = np.random.default_rng(seed)
    stamps = np.arange(10_000) / rate + rng.normal(0, 0.3 / rate, 10_000)
    clock = fit_clock(stamps)
    assert clock.sampling_rate == pytest.approx(rate, rel=1e-3)
    assert len(clock.spans) == 1
    assert says(clock.warnings, "jitter")


@settings(max_examples=30, deadline=None)
@given(
    gaps=st.lists(
        st.tuples(st.integers(60, 400), st.integers(1, 5000)), min_size=1, max_size=6, unique_by=lambda gap: gap[0]
    )
)
def test_pauses_of_an_exact_clock(gaps):
    """Lost samples at random places: every piece is found with its true time, down to one lost sample."""
    parts, position = [], 0
    for length, lost in gaps:
        parts.append(np.arange(position, position + length))
        position += length + lost
    parts.append(np.arange(position, position + 100))
    samples = np.concatenate(parts)
    clock = fit_clock(samples / 250)
    assert clock.sampling_rate == pytest.approx(250, rel=1e-6)
    assert [round(span.time * 250) for span in clock.spans] == [int(part[0]) for part in parts]
    assert [span.stop - span.start for span in clock.spans] == [len(part) for part in parts]


def test_coarse_stamps_fit_the_whole_record():
    stamps = np.floor(np.arange(30_000) / 497.0 * 10) / 10
    clock = fit_clock(stamps, quantum=0.1)
    assert clock.sampling_rate == pytest.approx(497, rel=1e-3)
    assert np.isnan(clock.nominal_rate)
    assert says(clock.warnings, "rounded to 0.1 s")


def test_whole_seconds():
    clock = fit_clock(np.floor(np.arange(60_000) / 200.0), quantum=1.0)
    assert clock.sampling_rate == pytest.approx(200, rel=1e-3)
    assert len(clock.spans) == 1


def test_missing_stamps_are_filled_and_told():
    stamps = np.arange(1000) / 250
    stamps[[0, 10, 11, 999]] = np.nan
    clock = fit_clock(stamps)
    assert clock.sampling_rate == pytest.approx(250, rel=1e-6)
    assert len(clock.spans) == 1
    assert says(clock.warnings, "4 time stamps")


def test_stated_rate_is_kept_and_compared():
    clock = fit_clock(np.arange(1000) / 250, sampling_rate=200)
    assert clock.sampling_rate == 200
    assert says(clock.warnings, "200 Hz as stated", "250")
    assert fit_clock(np.arange(1000) / 250, sampling_rate=250).warnings == ()


@pytest.mark.parametrize("stamps", [[0.0, 0.0, 0.0], [np.nan, 1.0], [3.0, 2.0, 1.0], [0.0, 1e6, 2e6]])
def test_no_clock(stamps):
    with pytest.raises(ParameterError):
        fit_clock(stamps)


def test_irregular_steps_off_any_grid_are_no_packets():
    rng = np.random.default_rng(0)
    stamps = np.arange(10_000) * 0.002
    for place in rng.integers(0, 10_000, 40):
        stamps[place:] += 0.02
    assert find_packets(stamps, 0.002)[0] == 0


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([100.0, 128.0, 250.0, 512.0]),
    place=st.integers(200, 4800),
    back=st.floats(0.1, 4000),
    digits=st.sampled_from([3, 6]),
)
def test_a_clock_set_back_once_does_not_bend_the_rate(rate, place, back, digits):
    times = np.arange(5000) / rate
    times[place:] -= back
    clock = fit_clock(np.round(times, digits))
    assert clock.sampling_rate == pytest.approx(rate, rel=1e-4)
    assert len(clock.spans) == 1
    assert says(clock.warnings, "set back once")
    assert says(clock.warnings, "run backwards at 1 place")


@pytest.mark.parametrize("jitter", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("n", [2000, 50_000])
def test_a_jittering_clock_set_back_once(jitter, n):
    times = np.arange(n) / 250 + np.random.default_rng(0).normal(0, jitter / 250, n) / 3
    times[n // 2 :] -= 3
    clock = fit_clock(times)
    assert clock.sampling_rate == pytest.approx(250, rel=2e-3)
    assert len(clock.spans) == 1
    assert says(clock.warnings, "set back once, by 3 s")


def test_a_clock_set_back_and_forth():
    times = np.arange(5000) / 250
    times[1000:3000] -= 7
    clock = fit_clock(times)
    assert (clock.sampling_rate, len(clock.spans)) == (250, 1)
    assert says(clock.warnings, "set back once, by 7 s")


def test_a_pause_beside_a_clock_set_back_is_kept():
    times = np.arange(5000) / 250
    times[1000:] += 20
    times[3000:] -= 7
    clock = fit_clock(times)
    assert clock.sampling_rate == 250
    assert [(span.start, round(span.time, 3)) for span in clock.spans] == [(0, 0), (1000, 24)]


def test_rounding_to_ms_is_no_other_clock():
    clock = fit_clock(np.round(np.arange(4000) / 256, 3))
    assert clock.sampling_rate == pytest.approx(256, rel=1e-4)
    assert clock.nominal_rate == pytest.approx(256, rel=1e-3)
    assert not says(clock.warnings, "neighbouring")
