"""Rank-k and MAP@R against examples by hand, another library and plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigsimnet.errors import ParameterError
from sigsimnet.metrics import map_at_r, rank_k, rank_k_of_people


def test_rank_by_hand():
    similarity = np.array([[0.9, 0.8, 0.1, 0.3], [0.2, 0.1, 0.7, 0.9], [0.5, 0.6, 0.1, 0.7]])
    gallery = ["x", "x", "y", "z"]
    assert rank_k(similarity, ["x", "y", "x"], gallery) == pytest.approx(1 / 3)
    # Two templates of x count as one person: y is second in row 2, x second in row 3.
    assert rank_k(similarity, ["x", "y", "x"], gallery, k=2) == 1.0


def test_people_who_are_not_enrolled_are_left_out():
    assert rank_k([[0.9, 0.1], [0.9, 0.1]], ["x", "q"], ["x", "y"]) == 1.0
    with pytest.raises(ParameterError, match="no probe"):
        rank_k([[0.9, 0.1]], ["q"], ["x", "y"])


def test_each_person_counts_once():
    # x has three probes, all right; y one, wrong; q is not enrolled.
    similarity = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])
    assert rank_k(similarity, list("xxxyq"), ["x", "y"]) == 0.75
    assert rank_k_of_people(similarity, list("xxxyq"), ["x", "y"]) == 0.5
    assert rank_k_of_people(similarity, list("xxxyq"), ["x", "y"], k=2) == 1


def test_ties_count_against_the_system():
    constant = np.ones((5, 5))
    assert [rank_k(constant, range(5), range(5), k=k) for k in (1, 4, 5)] == [0.0, 0.0, 1.0]
    assert map_at_r(np.ones((4, 4)), [0, 0, 1, 1]) == 0.0


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_rank_against_a_plain_loop(seed, k):
    rng = np.random.default_rng(seed)
    gallery, probes = rng.integers(0, 5, 8), rng.integers(0, 5, 12)
    similarity = rng.normal(size=(12, 8))
    right = []
    for row, person in zip(similarity, probes, strict=True):
        if person in gallery:
            best = {g: row[gallery == g].max() for g in set(gallery)}
            right.append(person in sorted(best, key=best.get, reverse=True)[:k])
    if right:
        assert rank_k(similarity, probes, gallery, k=k) == pytest.approx(np.mean(right))


def test_map_at_r_by_hand():
    # Musgrave 2020, figure 3: R = 10 nearest; here R = 3, retrieved hit, miss, hit: (1/1 + 2/3) / 3.
    similarity = np.full((6, 6), -1.0)
    similarity[0, 1:] = [0.9, 0.7, 0.1, 0.8, 0.2]
    labels = [0, 0, 0, 0, 1, 2]
    similarity[1, [0, 2, 3]] = similarity[2, [0, 1, 3]] = similarity[3, [0, 1, 2]] = 1.0
    assert map_at_r(similarity, labels) == pytest.approx(((1 + 2 / 3) / 3 + 3) / 4)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_map_at_r_against_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    labels = np.r_[0, 0, rng.integers(0, 4, 15)]
    similarity = rng.normal(size=(17, 17))
    values = []
    for i, label in enumerate(labels):
        r = int(np.sum(labels == label)) - 1
        if r:
            others = [j for j in np.argsort(-similarity[i]) if j != i][:r]
            hits = [labels[j] == label for j in others]
            values.append(sum(np.mean(hits[: n + 1]) for n, hit in enumerate(hits) if hit) / r)
    assert map_at_r(similarity, labels) == pytest.approx(np.mean(values))


def test_map_at_r_agrees_with_pytorch_metric_learning():
    pytest.importorskip("pytorch_metric_learning", reason="pip install 'sigsimnet[train]'")
    from pytorch_metric_learning.distances import CosineSimilarity
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
    from pytorch_metric_learning.utils.inference import CustomKNN

    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 6)
    embeddings = rng.normal(size=(60, 8)) + 1.5 * rng.normal(size=(10, 8))[labels]
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    nearest = CustomKNN(CosineSimilarity())
    peer = AccuracyCalculator(include=("mean_average_precision_at_r",), k="max_bin_count", knn_func=nearest)
    value = peer.get_accuracy(embeddings.astype(np.float32), labels)["mean_average_precision_at_r"]
    assert map_at_r(embeddings @ embeddings.T, labels) == pytest.approx(value, abs=1e-4)


def test_map_at_r_over_many_rows():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(300), 4)
    embeddings = rng.normal(size=(300, 16))[labels]
    noisy = embeddings + 1e-6 * rng.normal(size=embeddings.shape)
    assert map_at_r(-np.square(noisy[:, None] - noisy[None]).sum(-1), labels) == 1.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: rank_k([[1.0]], ["a"], ["a"], k=0),
        lambda: rank_k([[1.0]], ["a"], ["a", "b"]),
        lambda: rank_k([[np.nan]], ["a"], ["a"]),
        lambda: rank_k([1.0], ["a"], ["a"]),
        lambda: map_at_r([[1.0, 0.0]], [0, 0]),
        lambda: map_at_r(np.eye(2), [0, 1]),
        lambda: map_at_r(np.eye(3), [0, 1]),
    ],
)
def test_bad_parameters(call):
    with pytest.raises(ParameterError):
        call()


def test_open_set_by_hand():
    from sigsimnet.metrics import open_set_dir

    own, other = np.linspace(0.5, 1.0, 20), np.linspace(0.0, 0.76, 20)
    similarity = np.full((20, 20), -1.0)
    similarity[np.arange(20), np.arange(20)] = own
    similarity[np.arange(20), (np.arange(20) + 1) % 20] = other
    names = [str(k) for k in range(20)]
    # One stranger in twenty may come in: the threshold is the second highest of the strangers.
    expected = np.mean((own > other) & (own > np.sort(other)[-2]))
    assert open_set_dir(similarity, names, names, 0.05) == pytest.approx(expected)
    assert open_set_dir(np.eye(20), names, names, 0.05) == 1.0
    assert open_set_dir(np.zeros((20, 20)), names, names, 0.05) == 0.0
    with pytest.raises(ParameterError, match="far"):
        open_set_dir(np.eye(20), names, names, 1.0)
    with pytest.raises(ParameterError, match="several people"):
        open_set_dir([[1.0]], ["a"], ["a"])


def test_map_at_r_among_others_is_the_loop_of_its_definition():
    rng = np.random.default_rng(0)
    x, labels, owners = rng.normal(size=(40, 5)), rng.integers(0, 3, 40), rng.integers(0, 6, 40)
    similarity = x @ x.T
    found = []
    for k in range(40):
        others = np.flatnonzero(owners != owners[k])
        hits = labels[others][np.argsort(-similarity[k, others])] == labels[k]
        r = hits.sum()
        if r:
            found.append(np.sum(hits[:r] * np.cumsum(hits[:r]) / np.arange(1, r + 1)) / r)
    assert map_at_r(similarity, labels, owners=owners) == pytest.approx(np.mean(found))
    with pytest.raises(ParameterError, match="owners"):
        map_at_r(similarity, labels, owners=owners[:3])
