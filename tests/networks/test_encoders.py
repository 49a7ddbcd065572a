"""Encoders: shapes, lengths, gradients; the identity is exact."""

from __future__ import annotations

import pytest
import torch

from sigsimnet.errors import ParameterError, UnknownNameError
from sigsimnet.networks import ENCODERS, build_encoder
from sigsimnet.networks.encoders import Encoder
from sigsimnet.segments import LabelledSegments

NEW = ("inception", "mlp", "recurrent", "resnet", "transformer")
LEARNT = ("cnn", *NEW)


def test_known_encoders():
    assert sorted(ENCODERS) == sorted(["cnn", "identity", "rocket", *NEW])
    with pytest.raises(
        UnknownNameError, match=r"unknown encoder 'cmn'; did you mean 'cnn'\? \(known: cnn, identity, in"
    ):
        build_encoder("cmn", 1, 160)


@pytest.mark.parametrize("name", ["cnn", "identity", *NEW])
def test_an_option_that_is_not_there(name):
    with pytest.raises(ParameterError, match="colour"):
        build_encoder(name, 1, 160, colour="red")


@pytest.mark.parametrize("name", LEARNT)
@pytest.mark.parametrize("n_channels", [1, 2, 12])
@pytest.mark.parametrize("n_samples", [16, 17, 50, 160, 1000])
def test_any_number_of_channels_and_length(name, n_channels, n_samples):
    encoder = build_encoder(name, n_channels, n_samples, dim=24).eval()
    assert isinstance(encoder, Encoder)
    assert encoder.dim == 24
    for length in (n_samples, n_samples + 5):
        out = encoder(torch.randn(3, n_channels, length))
        assert out.shape == (3, 24)
        torch.testing.assert_close(out.norm(dim=1), torch.ones(3))


@pytest.mark.parametrize("name", LEARNT)
def test_unit_vectors_whatever_comes_in(name):
    encoder = build_encoder(name, 1, 160).eval()
    assert encoder.dim == 128
    assert sum(p.numel() for p in encoder.parameters()) < 4_000_000
    for x in (torch.zeros(2, 1, 160), 1e6 * torch.randn(2, 1, 160), 1e-6 * torch.randn(2, 1, 160)):
        torch.testing.assert_close(encoder(x).norm(dim=1), torch.ones(2))


@pytest.mark.parametrize("name", LEARNT)
def test_each_segment_is_seen_alone_when_it_does_not_learn(name):
    encoder = build_encoder(name, 2, 160).eval()
    x = torch.randn(7, 2, 160)
    torch.testing.assert_close(encoder(x)[3:4], encoder(x[3:4]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", LEARNT)
def test_gradients_reach_every_weight(name):
    torch.manual_seed(0)
    encoder = build_encoder(name, 2, 160)
    (encoder(torch.randn(8, 2, 160)) * torch.randn(8, encoder.dim)).sum().backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name
        assert (weight.grad != 0).any(), name


@pytest.mark.parametrize(
    ("name", "options"),
    [("cnn", {}), ("cnn", {"dim": 8, "widths": (4, 6), "kernel": 5, "bins": 3, "dropout": 0.0}), ("identity", {})]
    + [(name, {"dim": 8}) for name in NEW]
    + [("recurrent", {"cell": "lstm", "bidirectional": False, "hidden": 12, "layers": 2, "patch": 4})],
)
def test_options_are_enough_to_build_it_again(name, options):
    import json

    first = build_encoder(name, 2, 40, **options)
    second = build_encoder(name, 2, 40, **json.loads(json.dumps(first.options)))
    second.load_state_dict(first.state_dict())
    x = torch.randn(3, 2, 40)
    torch.testing.assert_close(second.eval()(x), first.eval()(x), atol=0, rtol=0)


def test_identity_is_exact():
    encoder = build_encoder("identity", 3, 5)
    x = torch.randn(4, 3, 5) * 100
    assert encoder.dim == 15
    assert torch.equal(encoder(x), x.reshape(4, 15))
    assert list(encoder.parameters()) == []
    assert torch.equal(encoder.train()(x), encoder.eval()(x))


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("mlp", {"widths": ()}, "at least one width"),
        ("resnet", {"kernel": 4}, "odd kernel"),
        ("recurrent", {"cell": "rnn"}, "unknown cell 'rnn'"),
        ("transformer", {"width": 10}, "multiple of twice"),
        ("inception", {"kernels": (4,)}, "odd kernels"),
    ],
)
def test_options_that_make_no_network(name, options, words):
    with pytest.raises(ParameterError, match=words):
        build_encoder(name, 1, 160, **options)


@pytest.mark.parametrize("name", LEARNT)
def test_every_encoder_learns_to_tell_two_shapes_apart(name):
    import numpy as np

    from sigsimnet.networks import build_head
    from sigsimnet.training import TrainingConfig, train

    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 80)
    labels = np.arange(80) % 2
    shapes = np.where(labels[:, None], np.sin(8 * t), np.sin(8 * t) + 0.7 * np.sin(20 * t))
    x = (shapes + 0.5 * rng.normal(size=(80, 80))).astype(np.float32)[:, None]
    torch.manual_seed(0)
    encoder = build_encoder(name, 1, 80, dim=16)
    data = LabelledSegments(x, labels, labels, np.arange(80))
    train(encoder, build_head("cosine", 16), data, None, TrainingConfig(epochs=3, steps=15), progress=False)
    with torch.inference_mode():
        e = encoder(torch.from_numpy(x))
    likeness = e @ e.T
    same = torch.from_numpy(labels[:, None] == labels)
    assert likeness[same].mean() > likeness[~same].mean() + 0.5
