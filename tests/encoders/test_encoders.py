"""Encoders: shapes, lengths, gradients; the identity is exact."""

from __future__ import annotations

import pytest
import torch

from sigsimnet.encoders import ENCODERS, Encoder, build_encoder
from sigsimnet.errors import ParameterError, UnknownNameError


def test_known_encoders():
    assert list(ENCODERS) == ["cnn", "identity"]
    with pytest.raises(UnknownNameError, match=r"unknown encoder 'cmn'; did you mean 'cnn'\? \(known: cnn, identity\)"):
        build_encoder("cmn", 1, 160)


@pytest.mark.parametrize("name", ["cnn", "identity"])
def test_an_option_that_is_not_there(name):
    with pytest.raises(ParameterError, match="colour"):
        build_encoder(name, 1, 160, colour="red")


@pytest.mark.parametrize("n_channels", [1, 2, 12])
@pytest.mark.parametrize("n_samples", [16, 17, 50, 160, 1000])
def test_cnn_takes_any_number_of_channels_and_length(n_channels, n_samples):
    encoder = build_encoder("cnn", n_channels, n_samples, dim=24).eval()
    assert isinstance(encoder, Encoder)
    assert encoder.dim == 24
    for length in (n_samples, n_samples + 5):
        out = encoder(torch.randn(3, n_channels, length))
        assert out.shape == (3, 24)
        torch.testing.assert_close(out.norm(dim=1), torch.ones(3))


def test_cnn_gives_unit_vectors_whatever_comes_in():
    encoder = build_encoder("cnn", 1, 160).eval()
    assert encoder.dim == 128
    for x in (torch.zeros(2, 1, 160), 1e6 * torch.randn(2, 1, 160), 1e-6 * torch.randn(2, 1, 160)):
        torch.testing.assert_close(encoder(x).norm(dim=1), torch.ones(2))


def test_cnn_sees_each_segment_alone_when_it_does_not_learn():
    encoder = build_encoder("cnn", 2, 160).eval()
    x = torch.randn(7, 2, 160)
    torch.testing.assert_close(encoder(x)[3:4], encoder(x[3:4]), atol=1e-5, rtol=1e-4)


def test_gradients_reach_every_weight():
    torch.manual_seed(0)
    encoder = build_encoder("cnn", 2, 160)
    encoder(torch.randn(8, 2, 160))[:, 0].sum().backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name
        assert (weight.grad != 0).any(), name


@pytest.mark.parametrize(
    ("name", "options"),
    [("cnn", {}), ("cnn", {"dim": 8, "widths": (4, 6), "kernel": 5, "bins": 3, "dropout": 0.0}), ("identity", {})],
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
