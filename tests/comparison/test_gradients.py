"""Integrated gradients sum to what the score rises by, and point at the stretch that was changed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sigsimnet import load_model, simulate
from sigsimnet.comparison import integrated_gradients
from sigsimnet.comparison._why import reference
from sigsimnet.errors import MissingExtraError, ParameterError
from sigsimnet.model import SigSimNet

MODEL = load_model("ecg")
A, B = (MODEL.cut(one) for one in simulate(1, 2, duration=15, seed=2))


@pytest.mark.needs_torch
def test_they_sum_to_the_rise_of_the_cosine():
    of_a, of_b = integrated_gradients(MODEL, A, B, steps=64)
    assert of_a.shape == of_b.shape == A.data.shape[1:]

    def cosine(data, other):
        mean = MODEL.encode(other.data).mean(axis=0)
        return float((MODEL.encode(data) @ (mean / np.linalg.norm(mean))).mean())

    start = np.broadcast_to(reference(A), A.data.shape).copy()
    assert of_a.sum() == pytest.approx(cosine(A.data, B) - cosine(start, B), abs=0.01)
    assert of_b.sum() == pytest.approx(cosine(B.data, A) - cosine(start, A), abs=0.01)


@pytest.mark.needs_torch
def test_what_they_refuse():
    with pytest.raises(ParameterError, match="at least one of each"):
        integrated_gradients(MODEL, A.take([]), B)
    other = SigSimNet(head="euclidean", encoder_options={"dim": 8}).build(1)
    with pytest.raises(ParameterError, match="cosine head"):
        integrated_gradients(other, A, B)


def test_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"sigsimnet\[train\]"):
        integrated_gradients(MODEL, A, B)
