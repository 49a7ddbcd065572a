"""Rocket: its features are MiniRocket's, its map whitens, and a shift of the window does not change the answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sigsimnet.errors import ParameterError
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.networks import build_encoder
from sigsimnet.networks.network import build_network, encode_array

RNG = np.random.default_rng(0)


def waves(n, length=300, channels=1):
    """Return windows of three kinds of wave at random phases, and their kinds."""
    kinds = np.arange(n) % 3
    time = np.arange(length) / length
    phase = RNG.uniform(0, 1, (n, channels, 1))
    cycles = np.array([3, 5, 8])[kinds][:, None, None]
    saw = (time * cycles + phase) % 1
    x = np.where(kinds[:, None, None] == 1, saw, np.sin(2 * np.pi * (time * cycles + phase)))
    return (x + RNG.normal(0, 0.3, x.shape)).astype(np.float32), kinds


def test_features_are_those_of_the_paper():
    x, y = waves(40)
    encoder = build_encoder("rocket", 1, 300, features=2000)
    encoder.fit_rows(x, y, seed=3, resize=True)
    ours = encoder.features(torch.from_numpy(x)).detach().numpy()
    known = MiniRocket(2000, seed=3).fit(x).transform(x)
    assert ours.shape == known.shape
    # In another order (kernels of even number, then of odd), and with a soft step.
    np.testing.assert_allclose(np.sort(ours, axis=1), np.sort(known, axis=1), atol=0.02)


def test_it_tells_kinds_at_any_phase_where_raw_rows_do_not():
    x, y = waves(60)
    test, truth = waves(120)
    encoder = build_encoder("rocket", 1, 300, features=2000)
    encoder.fit_rows(x, y, seed=0, resize=True)
    a, b = encode_array(encoder, x).numpy(), encode_array(encoder, test).numpy()
    assert (y[(b @ a.T).argmax(axis=1)] == truth).mean() > 0.95
    np.testing.assert_allclose(np.linalg.norm(a, axis=1), 1, atol=1e-5)


def test_embeddings_of_a_class_vary_alike_in_all_directions():
    x, y = waves(90)
    encoder = build_encoder("rocket", 1, 300, features=1000, shrink=1e-6, dim=20)
    encoder.fit_rows(x, y, seed=0, resize=True)
    with torch.inference_mode():
        z = encoder.project(encoder.features(torch.from_numpy(x))).numpy()
    around = np.concatenate([z[y == k] - z[y == k].mean(axis=0) for k in range(3)])
    values = np.linalg.eigvalsh(np.cov(around.T))
    assert values[-1] / values[0] < 1.2


@pytest.mark.parametrize(("resize", "dim"), [(True, 23), (False, 64)])
def test_length_of_an_embedding(resize, dim):
    x, y = waves(24)
    encoder = build_encoder("rocket", 1, 300, features=500, dim=64)
    encoder.fit_rows(x, y, seed=0, resize=resize)
    assert encoder.dim == encoder.options["dim"] == dim
    assert encode_array(encoder, x).shape == (24, dim)
    again = build_network("rocket", "cosine", 1, 300, options=encoder.options)
    again.encoder.load_state_dict(encoder.state_dict())
    np.testing.assert_array_equal(again.encode(x), encode_array(encoder, x).numpy())


def test_many_channels_differences_and_many_rows():
    x, y = waves(30, channels=3)
    encoder = build_encoder("rocket", 3, 300, features=3000, difference=True)
    encoder.fit_rows(np.tile(x, (110, 1, 1)), np.tile(y, 110), seed=0, resize=True)
    assert encode_array(encoder, x).shape[0] == 30
    long = build_encoder("rocket", 1, 2000, features=500)
    assert long.stride == 5
    assert long(torch.randn(2, 1, 2000)).shape == (2, 512)


def test_the_same_seed_gives_the_same_weights():
    x, y = waves(24)
    first, second = (build_encoder("rocket", 1, 300, features=500) for _ in range(2))
    for one in (first, second):
        one.fit_rows(x, y, seed=5, resize=True)
    np.testing.assert_array_equal(encode_array(first, x).numpy(), encode_array(second, x).numpy())


def test_what_it_refuses():
    with pytest.raises(ParameterError, match="at least 9 samples"):
        build_encoder("rocket", 1, 8)
    encoder = build_encoder("rocket", 1, 100, features=84)
    with pytest.raises(ParameterError, match="nothing to learn"):
        encoder.fit_rows(np.ones((6, 1, 100), np.float32), np.arange(6), seed=0, resize=True)


@pytest.mark.parametrize(("channels", "length", "difference"), [(1, 40, False), (2, 300, True), (3, 900, False)])
def test_the_graph_computes_the_same(channels, length, difference):
    x, y = waves(24, length=length, channels=channels)
    network = build_network(
        "rocket", "cosine", channels, length, options={"features": 1500, "difference": difference, "dim": 32}
    )
    network.encoder.fit_rows(x, y, seed=0, resize=True)
    import onnxruntime

    session = onnxruntime.InferenceSession(network.graphs(channels, length)["encoder"])
    got = session.run(None, {"segments": x})[0]
    np.testing.assert_allclose(got, network.encode(x), atol=1e-4)


def test_a_fold_is_embedded_by_what_the_others_teach():
    x, labels = waves(60)
    folds = np.arange(len(x)) // 20
    good = np.ones(len(x), dtype=bool)
    good[5] = False
    encoder = build_encoder("rocket", 1, x.shape[-1], features=1000)
    found = encoder.cross_rows(x, labels, folds, good, seed=0)
    assert found.shape == (len(x), encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    other = labels.copy()
    other[folds == 0] = other[folds == 0][::-1]  # what is held out may be called anything
    again = build_encoder("rocket", 1, x.shape[-1], features=1000).cross_rows(x, other, folds, good, seed=0)
    np.testing.assert_array_equal(again[folds == 0], found[folds == 0])
    assert not np.allclose(again[folds == 1], found[folds == 1], atol=1e-3)
    alike = found @ found.T
    within = folds[:, None] == folds
    same = labels[:, None] == labels
    apart = ~np.eye(len(x), dtype=bool)
    assert alike[within & same & apart].mean() > alike[within & ~same].mean() + 0.3
