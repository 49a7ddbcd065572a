"""Augmentation changes segments a little, each in its own way, and by the seed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from sigsimnet.channels import MODALITIES
from sigsimnet.errors import ParameterError
from sigsimnet.training import Augment

NOTHING = {"noise": 0.0, "wander": 0.0, "bumps": 0.0, "shift": 0, "stretch": 0.0, "flip": 0.0}


def segments(n=32, channels=2, samples=160):
    t = torch.linspace(-1, 1, samples)
    return (torch.exp(-0.5 * (t / 0.05) ** 2) * 3).expand(n, channels, samples).clone()


def seeded(augment, x, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return augment(x)


@pytest.mark.parametrize("shape", [(1, 1, 16), (5, 3, 160), (4, 12, 401)])
def test_shape_and_kind_stay(shape):
    x = torch.randn(shape)
    kept = x.clone()
    out = Augment(flip=0.5)(x)
    assert out.shape == x.shape
    assert out.dtype == torch.float32
    assert torch.isfinite(out).all()
    assert torch.equal(x, kept)


def test_the_seed_decides():
    x = segments()
    assert torch.equal(seeded(Augment(), x), seeded(Augment(), x))
    assert not torch.equal(seeded(Augment(), x), seeded(Augment(), x, seed=1))


def test_each_segment_goes_its_own_way():
    out = seeded(Augment(), segments())
    assert not torch.allclose(out[0], out[1])


def test_nothing_changes_nothing():
    x = segments()
    assert torch.equal(Augment(**NOTHING)(x), x)


def test_shift_is_bounded_and_reached():
    out = seeded(Augment(**(NOTHING | {"shift": 4})), segments(200))
    moved = out[:, 0].argmax(dim=1) - segments(1)[0, 0].argmax()
    assert moved.abs().max() <= 5
    assert moved.min() <= -3
    assert moved.max() >= 3


def test_stretch_leaves_the_middle_in_place():
    x = segments(64)
    out = seeded(Augment(**(NOTHING | {"stretch": 0.2})), x)
    assert ((out[:, 0].argmax(dim=1) - x[:, 0].argmax(dim=1)).abs() <= 1).all()
    width = (out[:, 0] > 1.5).sum(dim=1)
    assert width.min() < (x[0, 0] > 1.5).sum() < width.max()


def test_flip_takes_its_share():
    x = segments(2000, 1, 16) + 1
    turned = seeded(Augment(**(NOTHING | {"flip": 0.3})), x)[:, 0, 0] < 0
    assert turned.float().mean().item() == pytest.approx(0.3, abs=0.04)


def test_noise_is_white_and_bounded():
    out = seeded(Augment(**(NOTHING | {"noise": 0.5})), torch.zeros(400, 1, 200))
    spread = out.std(dim=2)
    assert spread.max() < 0.65
    assert spread.mean().item() == pytest.approx(0.25, abs=0.05)
    assert not torch.equal(out[:, :, 0], out[:, :, 1])


def test_bumps_are_relative():
    assert torch.equal(seeded(Augment(**(NOTHING | {"bumps": 0.5})), torch.zeros(3, 1, 50)), torch.zeros(3, 1, 50))
    x = segments()
    ratio = (seeded(Augment(**(NOTHING | {"bumps": 0.25})), x) / x.clamp(min=1e-3))[x > 0.1]
    assert ratio.min() > 0.2
    assert ratio.max() < 1.8
    assert ratio.std() > 0.01


def test_settings_round_trip():
    augment = Augment(noise=0.1, shift=5)
    assert Augment(**json.loads(json.dumps(augment.to_dict()))) == augment


def test_recorded_noise_comes_from_the_bank():
    bank = np.stack([np.full(30, 1.0), np.full(30, -1.0)]).astype(np.float32)
    still = {"noise": 0, "wander": 0, "bumps": 0, "shift": 0, "stretch": 0}
    torch.manual_seed(0)
    out = Augment(**still, real=0.5, bank=bank)(torch.zeros(200, 1, 20))
    assert (out == out[..., :1]).all()  # each row is constant: one piece of one row
    assert out.abs().max() <= 0.5
    assert 0.2 < out.abs().mean() < 0.3
    assert 60 < (out[:, 0, 0] > 0).sum() < 140
    with pytest.raises(ParameterError, match="bank"):
        Augment(real=0.5)
    with pytest.raises(ParameterError, match="30 samples long, segments are 40"):
        Augment(**still, real=0.5, bank=bank)(torch.zeros(2, 1, 40))


def test_what_is_at_the_pivot_stays():
    x = torch.zeros(50, 1, 161)
    x[:, :, 52] = 1.0
    still = {"noise": 0, "wander": 0, "bumps": 0, "shift": 0}
    out = Augment(**still, stretch=0.2, pivot=52 / 160)(x)
    assert (out.argmax(dim=-1) == 52).all()
    moved = Augment(**still, stretch=0.2)(x)
    assert (moved.argmax(dim=-1) != 52).any()


def test_renormalised_segments_and_other_bands():
    x = torch.randn(20, 2, 80)
    out = Augment(real=0, renormalise=True)(x)
    torch.testing.assert_close(out.mean(dim=-1), torch.zeros(20, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.std(dim=-1), torch.ones(20, 2), atol=1e-3, rtol=0)
    still = {"noise": 0, "wander": 0, "bumps": 0, "shift": 0, "stretch": 0}
    smooth = Augment(**still, band=1.0)(x)
    assert smooth.diff(dim=-1).abs().mean() < x.diff(dim=-1).abs().mean()


def test_settings_can_be_kept_as_json():
    bank = np.zeros((3, 40), np.float32)
    values = json.loads(json.dumps(Augment(real=0.1, bank=bank).to_dict()))
    assert values["bank"] == [3, 40]
    assert values["real"] == 0.1


def test_electrodes_fall_off_but_never_all():
    x = torch.ones(500, 4, 30)
    out = seeded(Augment(**(NOTHING | {"channel_drop": 0.9})), x)
    there = (out != 0).any(dim=-1)
    assert there.any(dim=1).all()
    assert 0.2 < float(there.float().mean()) < 0.45
    assert torch.equal(out[there], x[there])


def test_another_reference_is_taken_off_all_channels():
    x = torch.randn(400, 5, 30, generator=torch.Generator().manual_seed(0))
    out = seeded(Augment(**(NOTHING | {"rereference": 0.5})), x)
    taken = (x - out).std(dim=1).amax(dim=-1)
    assert float(taken.max()) < 1e-5  # the same from every channel
    changed = (x - out).abs().amax(dim=(1, 2)) > 1e-6
    assert 0.4 < float(changed.float().mean()) < 0.6
    flat = out[changed].abs().amax(dim=-1).amin(dim=-1) < 1e-6
    assert 0.3 < float(flat.float().mean()) < 0.7  # of half of them one channel was the reference


def test_presets_are_augmentations_of_each_modality():
    for modality in MODALITIES:
        one = Augment.for_modality(modality, noise=0.01)
        assert one.noise == 0.01
        assert one.shift == 10
    with pytest.raises(ParameterError, match="known: ecg"):
        Augment.for_modality("music")
    with pytest.raises(ParameterError, match="channel_drop is 2"):
        Augment(channel_drop=2)
