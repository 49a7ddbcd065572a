"""Gaps: short ones are bridged, long ones stay."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigsimnet._utils.runs import runs_of
from sigsimnet.cleaning import fill_short_gaps

masks = hnp.arrays(bool, st.integers(0, 60))


@given(masks)
def test_runs_say_where_a_mask_is_true(mask):
    runs = runs_of(mask)
    rebuilt = np.zeros_like(mask)
    for start, stop in runs:
        assert stop > start
        rebuilt[start:stop] = True
    assert (rebuilt == mask).all()
    assert (runs[1:, 0] > runs[:-1, 1]).all()


@given(masks, st.integers(0, 8))
def test_a_ramp_is_bridged_exactly(mask, longest):
    ramp = 3.0 * np.arange(len(mask)) - 7
    x = np.where(mask, np.nan, ramp)
    filled = fill_short_gaps(x, longest)
    assert (np.isnan(x) == mask).all()
    for start, stop in runs_of(mask):
        inner = start > 0 and stop < len(mask)
        if inner and stop - start <= longest:
            np.testing.assert_allclose(filled[start:stop], ramp[start:stop])
        else:
            assert np.isnan(filled[start:stop]).all()
    assert (filled[~mask] == ramp[~mask]).all()


def test_all_missing_or_nothing_at_all():
    assert np.isnan(fill_short_gaps(np.full(5, np.nan), 10)).all()
    assert fill_short_gaps(np.empty(0), 10).shape == (0,)
    assert runs_of(np.zeros(0, dtype=bool)).shape == (0, 2)
