"""Splits that do not leak and batches that are balanced."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError, SignalError
from sigsimnet.segments import LabelledSegments
from sigsimnet.training.data import balanced_batches, split_groups


def data_of(recordings):
    """Return data of recordings, each (label, number of segments); the sample is the segment's number."""
    labels = np.concatenate([np.full(n, label) for label, n in recordings])
    numbers = np.concatenate([np.full(n, k) for k, (_, n) in enumerate(recordings)])
    segments = np.arange(len(labels), dtype=np.float32)[:, None, None]
    return LabelledSegments(segments, labels, labels.copy(), numbers)


def batches_of(data, n_classes, per_class, n_batches=40, seed=0):
    return list(
        balanced_batches(
            data,
            n_classes=n_classes,
            per_class=per_class,
            n_batches=n_batches,
            rng=np.random.default_rng(seed),
        )
    )


UNEVEN = [(0, 300), (0, 3), (1, 5), (2, 40), (2, 40), (2, 1), (3, 2), (4, 7)]


def test_lengths_must_agree():
    with pytest.raises(ParameterError, match="same length"):
        LabelledSegments(np.zeros((3, 1, 4), np.float32), np.zeros(3, int), np.zeros(2, int), np.zeros(3, int))


@pytest.mark.parametrize("n_classes", [5, 48])
def test_batches_of_all_classes(n_classes):
    data = data_of(UNEVEN)
    for index in batches_of(data, n_classes, 6):
        assert len(index) == 5 * 6
        assert np.bincount(data.labels[index]).tolist() == [6] * 5


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_batches_of_some_classes_have_the_size_that_was_asked_for(n_classes):
    data = data_of(UNEVEN)
    for index in batches_of(data, n_classes, 6):
        assert sorted(np.unique(data.labels[index], return_counts=True)[1].tolist()) == [6] * n_classes


def test_no_batch_is_of_one_class_only():
    data = data_of([(0, 9), (1, 9), (2, 9)])
    assert all(len(np.unique(data.labels[index])) == 2 for index in batches_of(data, 2, 4, 200))


def test_every_class_counts_the_same():
    data = data_of(UNEVEN)
    drawn = np.bincount(np.concatenate([data.labels[i] for i in batches_of(data, 2, 6, 500)]))
    assert drawn.max() / drawn.min() < 1.1


def test_two_of_a_class_come_from_two_recordings():
    data = data_of(UNEVEN)
    for index in batches_of(data, 5, 2):
        for label in (0, 2):
            mine = index[data.labels[index] == label]
            assert len(np.unique(data.recordings[mine])) == 2
    for index in batches_of(data, 5, 6):
        mine = index[data.labels[index] == 2]
        assert np.unique(data.recordings[mine], return_counts=True)[1].tolist() == [2, 2, 2]


def test_all_segments_have_their_turn():
    data = data_of([(0, 30), (0, 10), (1, 20)])
    assert len(np.unique(np.concatenate(batches_of(data, 2, 6, 200)))) == 60


def test_rows_may_stand_in_any_order():
    data = data_of(UNEVEN)
    shuffled = data.take(np.random.default_rng(0).permutation(len(data)))
    for index in batches_of(shuffled, 5, 4):
        assert np.bincount(shuffled.labels[index]).tolist() == [4] * 5


def test_the_same_generator_draws_the_same():
    data = data_of(UNEVEN)
    for first, second in zip(batches_of(data, 5, 6), batches_of(data, 5, 6), strict=True):
        np.testing.assert_array_equal(first, second)
    assert any((a != b).any() for a, b in zip(batches_of(data, 5, 6), batches_of(data, 5, 6, seed=1), strict=True))


@settings(max_examples=50)
@given(st.integers(4, 30), st.floats(0.01, 0.99), st.integers(0, 50))
def test_no_group_is_on_both_sides(n_groups, share, seed):
    data = data_of([(k, 1 + k % 3) for k in range(n_groups)])
    learn, held = split_groups(data, share, seed)
    mine, theirs = set(learn.groups.tolist()), set(held.groups.tolist())
    assert not mine & theirs
    assert len(learn) + len(held) == len(data)
    assert len(mine) >= 2
    assert len(theirs) >= 2
    assert abs(len(theirs) - share * n_groups) <= 2
    again = split_groups(data, share, seed)[1]
    np.testing.assert_array_equal(again.segments, held.segments)


def test_holding_out_nobody():
    data = data_of(UNEVEN)
    learn, held = split_groups(data, 0, 0)
    assert len(learn) == len(data)
    assert len(held) == 0


def test_seeds_draw_other_groups():
    data = data_of([(k, 1) for k in range(20)])
    assert len({tuple(split_groups(data, 0.2, seed)[1].groups) for seed in range(10)}) > 5


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0, float("nan")])
def test_bad_shares(share):
    with pytest.raises(ParameterError, match="validation"):
        split_groups(data_of(UNEVEN), share, 0)


def test_too_few_people():
    with pytest.raises(SignalError, match=r"3 people are too few.*validation to 0"):
        split_groups(data_of([(0, 3), (1, 3), (2, 3)]), 0.25, 0)
