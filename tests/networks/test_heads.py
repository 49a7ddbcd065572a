"""Heads against their closed forms, and the article's head against its description."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from sigsimnet.errors import UnknownNameError
from sigsimnet.networks import HEADS, build_head
from sigsimnet.networks.heads import ThreePath

NAMES = ("cosine", "euclidean", "three_path")


@pytest.fixture
def two_sides():
    draw = torch.Generator().manual_seed(0)
    return torch.randn(40, 12, generator=draw), torch.randn(40, 12, generator=draw)


@pytest.fixture(params=NAMES)
def head(request):
    torch.manual_seed(1)
    built = build_head(request.param, 12)
    # Batch statistics that do something, as after training.
    for module in built.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    return built.eval()


def test_known_heads():
    assert tuple(HEADS) == NAMES
    with pytest.raises(UnknownNameError, match="cosine, euclidean, three_path"):
        build_head("cosin", 3)


def test_order_of_the_sides_does_not_matter(head, two_sides):
    a, b = two_sides
    assert head(a, b).shape == (40,)
    torch.testing.assert_close(head(a, b), head(b, a), atol=1e-5, rtol=1e-5)


def test_matrix_is_every_pair(head, two_sides):
    a, b = two_sides[0], two_sides[1][:23]
    expected = torch.stack([head(row.expand_as(b), b) for row in a])
    torch.testing.assert_close(head.matrix(a, b), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(head.matrix(a, b, chunk=7), expected, atol=1e-5, rtol=1e-5)
    assert head.matrix(a[:0], b).shape == (0, 23)
    assert head.matrix(a, b[:0]).shape == (40, 0)


def test_matrix_is_pairwise_for_equal_embeddings_too(head):
    # A distance from a matrix product loses half the digits where two embeddings are nearly equal.
    draw = torch.Generator().manual_seed(5)
    a = nn.functional.normalize(torch.randn(60, 12, generator=draw), dim=1)
    torch.testing.assert_close(head.matrix(a, a).diagonal(), head(a, a), atol=2e-5, rtol=1e-5)


def test_cosine_closed_form(two_sides):
    a, b = (side.numpy() for side in two_sides)
    expected = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    np.testing.assert_allclose(build_head("cosine", 12)(*two_sides).numpy(), expected, atol=1e-5)
    angle = torch.tensor(0.3)
    turned = build_head("cosine", 2)(torch.tensor([[1.0, 0.0]]), torch.stack([angle.cos(), angle.sin()])[None])
    assert turned.item() == pytest.approx(np.cos(0.3), abs=1e-6)


def test_cosine_knows_no_length(two_sides):
    a, b = two_sides
    cosine = build_head("cosine", 12)
    torch.testing.assert_close(cosine(a * 1000, b / 1000), cosine(a, b))


def test_euclidean_closed_form():
    euclidean = build_head("euclidean", 2)
    a, b = torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[3.0, 4.0], [1.0, 1.0]])
    np.testing.assert_allclose(euclidean(a, b).numpy(), [1 / 6, 1.0], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_heads_pass_gradients_to_both_sides(name, two_sides):
    a, b = (side.clone().requires_grad_() for side in two_sides)
    build_head(name, 12)(a, b).sum().backward()
    for side in (a, b):
        assert torch.isfinite(side.grad).all()
        assert (side.grad != 0).any()


def test_the_articles_layers():
    n_in = 5  # the article compares windows of five samples
    head = ThreePath(n_in)
    dense = [(m.in_features, m.out_features) for m in head.modules() if isinstance(m, nn.Linear)]
    assert sorted(dense) == sorted([(n_in, 64), (n_in, 64), (2 * n_in, 64), (192, 256), (256, 1)])
    assert [m.p for m in head.modules() if isinstance(m, nn.Dropout)] == [0.25] * 4
    assert sorted(m.num_features for m in head.modules() if isinstance(m, nn.BatchNorm1d)) == [64, 64, 64, 256]
    for path in (head.difference, head.product, head.both, head.join):
        assert [type(m) for m in path] == [nn.Linear, nn.BatchNorm1d, nn.Dropout, nn.ReLU]
    weights = 2 * (n_in * 64 + 64) + (2 * n_in * 64 + 64) + (192 * 256 + 256) + (256 + 1)
    batch_norm = 2 * (3 * 64 + 256)
    assert sum(p.numel() for p in head.parameters()) == weights + batch_norm


def test_the_articles_head_sees_difference_and_product_only():
    head = ThreePath(3).eval()
    a, b = torch.randn(6, 3), torch.randn(6, 3)
    # (−a − −b)² = (a − b)² and (−a)(−b) = ab: turning both sides over changes nothing.
    torch.testing.assert_close(head(-a, -b), head(a, b))
    assert not torch.allclose(head(-a, b), head(a, b))
