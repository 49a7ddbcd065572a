"""Losses against their formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sigsimnet.errors import UnknownNameError
from sigsimnet.networks import build_head
from sigsimnet.training import LOSSES
from sigsimnet.training._pair_weights import within_recording_pairs
from sigsimnet.training.losses import PairMSE, SupCon, balanced_pairs

NAMES = [
    "arcface", "contrastive", "cosface", "mse", "multi_similarity", "ntxent", "proxy_anchor", "supcon", "triplet",
]  # fmt: skip


@pytest.fixture
def batch():
    draw = torch.Generator().manual_seed(0)
    embeddings = torch.nn.functional.normalize(torch.randn(9, 5, generator=draw), dim=1)
    return embeddings, torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])


def test_known_losses():
    assert list(LOSSES) == NAMES
    with pytest.raises(UnknownNameError, match=r"did you mean 'triplet'.*arcface, contrastive.*supcon, triplet"):
        LOSSES.get("triplets")


def test_pairs_are_balanced_and_true(batch):
    _, labels = batch
    left, right, same = balanced_pairs(labels)
    assert same.dtype == torch.float32
    assert len(same) == 18
    assert same.sum() == 9  # 3 classes × 3 pairs, all of them
    assert ((labels[left] == labels[right]) == (same == 1)).all()
    assert (left != right).all()
    pairs = {(int(a), int(b)) for a, b in zip(left, right, strict=True)}
    assert len(pairs) == 18


def test_a_batch_of_one_kind_has_no_pairs():
    for labels in (torch.zeros(4, dtype=torch.int64), torch.arange(4)):
        assert [len(x) for x in balanced_pairs(labels)] == [0, 0, 0]
        embeddings = torch.randn(4, 3, requires_grad=True)
        loss = PairMSE()(embeddings, labels, build_head("cosine", 3))
        assert loss.item() == 0
        loss.backward()


def test_mse_by_hand():
    # Two of one class at 60°, one of another at 90° to the first: of two impostor pairs one is drawn.
    e = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.75**0.5, 0.0], [0.0, 0.0, 1.0]])
    loss = PairMSE()(e, torch.tensor([0, 0, 1]), build_head("cosine", 3))
    assert loss.item() == pytest.approx(((0.5 - 1) ** 2 + (0 - 0) ** 2) / 2)


def supervised_contrastive(embeddings, labels, temperature):
    """Return the loss of Khosla 2020, eq. 2, averaged over anchors that have a positive."""
    logits = embeddings @ embeddings.T / temperature
    terms = []
    for i in range(len(labels)):
        others = [a for a in range(len(labels)) if a != i]
        positives = [p for p in others if labels[p] == labels[i]]
        if positives:
            denominator = np.log(sum(np.exp(logits[i, a]) for a in others))
            terms.append(-np.mean([logits[i, p] - denominator for p in positives]))
    return np.mean(terms)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
def test_supcon_by_hand(batch, temperature):
    embeddings, labels = batch
    loss = SupCon(temperature)(embeddings, labels, build_head("cosine", 5))
    expected = supervised_contrastive(embeddings.double().numpy(), labels.numpy(), temperature)
    assert loss.item() == pytest.approx(expected, rel=1e-4)


def test_supcon_trains_a_head_with_weights_too(batch):
    embeddings, labels = batch
    head = build_head("three_path", 5)
    SupCon()(embeddings, labels, head).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in head.parameters())


def test_better_embeddings_have_a_lower_loss(batch):
    _, labels = batch
    perfect = torch.eye(5)[labels]
    head = build_head("cosine", 5)
    torch.manual_seed(0)
    for loss in (PairMSE(), SupCon()):
        assert loss(perfect, labels, head) < loss(torch.randn(9, 5), labels, head)
    assert PairMSE()(perfect, labels, head).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_pulls_like_together(name):
    """Free points on the sphere, moved by the loss alone, end with every point nearest to one of its own class."""
    torch.manual_seed(0)
    points = torch.nn.Parameter(torch.randn(24, 6))
    labels = torch.arange(24) % 4
    loss_of = LOSSES.get(name)(n_classes=4, dim=6)
    head = build_head("cosine", 6)
    optimizer = torch.optim.Adam([points, *loss_of.parameters()], lr=0.05)

    def likeness():
        e = torch.nn.functional.normalize(points, dim=1)
        return e, (e @ e.T).fill_diagonal_(-2).argmax(dim=1)

    assert (labels[likeness()[1]] == labels).float().mean() < 0.6
    for _ in range(200):
        loss = loss_of(likeness()[0], labels, head)
        assert loss.ndim == 0
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (labels[likeness()[1]] == labels).all()


@pytest.mark.parametrize("name", [n for n in NAMES if n != "mse"])
def test_a_head_with_weights_is_trained_along(name, batch):
    embeddings, labels = batch
    head = build_head("three_path", 5)
    LOSSES.get(name)(n_classes=3, dim=5)(embeddings, labels, head).backward()
    assert all(p.grad is not None for p in head.parameters())


def test_contrastive_by_hand():
    e = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    loss = LOSSES.get("contrastive")()(e, torch.tensor([0, 0, 1]), build_head("cosine", 2))
    like = float((e[0] - e[1]).norm())
    unlike = 1.0 - float((e[1] - e[2]).norm())  # the other unlike pair is beyond the margin
    assert loss.item() == pytest.approx(like + unlike, rel=1e-4)


def test_cosface_by_hand():
    torch.manual_seed(0)
    loss_of = LOSSES.get("cosface")(temperature=0.1, n_classes=3, dim=4)
    e = torch.nn.functional.normalize(torch.randn(5, 4), dim=1)
    labels = torch.tensor([0, 1, 2, 0, 1])
    (weights,) = loss_of.parameters()
    logits = e @ torch.nn.functional.normalize(weights, dim=0)
    logits[torch.arange(5), labels] -= 0.35
    expected = torch.nn.functional.cross_entropy(10 * logits, labels)
    assert loss_of(e, labels, build_head("cosine", 4)).item() == pytest.approx(expected.item(), rel=1e-4)


PAIRWISE = sorted(set(NAMES) - {"arcface", "cosface", "proxy_anchor"})


def test_pairs_of_one_recording_are_easy_only_where_there_are_others():
    labels, recordings = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([3, 3, 4, 5, 5])
    assert within_recording_pairs(labels, recordings).nonzero().tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("name", [name for name in PAIRWISE if name != "triplet"])  # whose miner has its own test
def test_weight_0_leaves_out_pairs_of_one_recording(name):
    # The two of recording 0 are moved apart; with weight 0 only what joins recordings pulls at them.
    torch.manual_seed(0)
    labels, recordings = torch.tensor([0, 0, 0, 1, 1, 1]), torch.tensor([0, 0, 1, 2, 2, 3])
    head, e = build_head("cosine", 4), torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    seen = []
    for weight in (0.0, 0.5, 1.0):
        torch.manual_seed(1)
        seen.append(LOSSES.get(name)(within_recording_weight=weight)(e, labels, head, recordings).item())
    plain = LOSSES.get(name)()
    torch.manual_seed(1)
    assert plain(e, labels, head).item() == pytest.approx(seen[2])
    assert seen[0] != pytest.approx(seen[2])


def test_triplets_of_one_recording_are_thinned():
    labels, recordings = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 0, 1, 2])
    every = torch.tensor([[0, 1, 3], [0, 2, 3], [1, 2, 3]]).T
    kept = LOSSES.get("triplet")(within_recording_weight=0.0)._thinned(tuple(every), labels, recordings)
    assert torch.stack(kept).T.tolist() == [[0, 2, 3], [1, 2, 3]]


def test_weight_of_supcon_by_hand():
    labels, recordings = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 0, 1, 2])
    e = torch.nn.functional.normalize(torch.randn(4, 3, generator=torch.Generator().manual_seed(2)), dim=1)
    loss = SupCon(temperature=0.1, within_recording_weight=0.0)(e, labels, build_head("cosine", 3), recordings).item()
    similarity = (e @ e.T / 0.1).double().numpy()
    each = []
    for anchor, positives in ((0, [2]), (1, [2]), (2, [0, 1])):  # never 0 with 1
        shown = [*positives, 3]  # pairs that were left out are in no sum
        whole = np.log(np.exp(similarity[anchor, shown]).sum())
        each.append(np.mean([whole - similarity[anchor, p] for p in positives]))
    assert loss == pytest.approx(np.mean(each), rel=1e-4)


def test_recordings_change_nothing_where_each_class_has_one(batch):
    embeddings, labels = batch
    head = build_head("cosine", 5)
    for name in PAIRWISE:
        torch.manual_seed(0)
        a = LOSSES.get(name)(within_recording_weight=0.0)(embeddings, labels, head, labels).item()
        torch.manual_seed(0)
        assert LOSSES.get(name)()(embeddings, labels, head).item() == pytest.approx(a, abs=1e-7)
