"""Lists in sentences, few of many, rates, samples, and work that is left to later rooms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigsimnet._utils.checks import check_sampling_rate
from sigsimnet._utils.late import provide, provided
from sigsimnet._utils.samples import own_samples
from sigsimnet._utils.sampling import evenly_spaced, subsample_evenly
from sigsimnet._utils.text import shorten_list
from sigsimnet.errors import ParameterError


@given(st.integers(0, 3000), st.integers(1, 200))
def test_few_of_many_are_spread_evenly(n, most):
    chosen = evenly_spaced(n, most)
    assert len(chosen) == min(n, most)
    assert (np.diff(chosen) > 0).all()
    assert ((chosen >= 0) & (chosen < n)).all()
    if n > most:
        middles = (np.arange(most) + 0.5) * n / most
        assert np.abs(chosen - middles).max() <= 1
    np.testing.assert_array_equal(subsample_evenly(np.arange(n) * 2, most), chosen * 2)


def test_rows_are_chosen_whole():
    assert subsample_evenly(np.arange(12).reshape(6, 2), 2).tolist() == [[2, 3], [8, 9]]


def test_lists_are_shortened_behind_the_last_that_is_shown():
    assert shorten_list([]) == ""
    assert shorten_list("abc", 3) == "a, b, c"
    assert shorten_list((k for k in range(9)), 2) == "0, 1, …"


@pytest.mark.parametrize("rate", [0, -1, np.nan, np.inf, 10**400, "250", None, True, 1j, [250], np.complex64(3)])
def test_what_is_no_rate(rate):
    with pytest.raises(ParameterError, match=r"resample_to is .*: it must be a positive number of Hz"):
        check_sampling_rate(rate, "resample_to")


@pytest.mark.parametrize("rate", [250, 250.0, np.float32(250), np.int16(250)])
def test_rates_become_floats(rate):
    assert type(check_sampling_rate(rate)) is float


def test_samples_that_cannot_be_changed_are_shared_and_others_copied():
    mine = np.zeros(3, dtype=np.float32)
    assert not np.shares_memory(own_samples(mine), mine)
    mine.flags.writeable = False
    assert np.shares_memory(own_samples(mine), mine)
    masked = own_samples(np.ma.masked_array([1.0, 2.0], [False, True]))
    assert masked[0] == 1
    assert np.isnan(masked[1])


def test_a_room_gets_what_was_provided_last():
    provide("a test", len)
    provide("a test", max)
    assert provided("a test") is max
    assert type(provided("recording")).__name__ == "_ForRecordings"  # the package wires itself when it is imported
