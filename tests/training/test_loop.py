"""The loop: seeded, stoppable, resumable, honest about what it was given."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from sigsimnet.errors import ModelError, ParameterError, SignalError, UnknownNameError
from sigsimnet.networks import build_encoder, build_head
from sigsimnet.segments import LabelledSegments
from sigsimnet.training import Augment, TrainingConfig, TrainingInterrupted, train
from sigsimnet.training.loop import encode_array, pick_device

N_SAMPLES = 32


def made_up(n_people=6, first=0, seed=0, n=12):
    """Return segments of people: each a wave of its own with noise, in two recordings."""
    rng = np.random.default_rng([seed, first])
    t = np.linspace(0, 1, N_SAMPLES)
    waves = [np.sin(2 * np.pi * ((k % 5 + 1) * t + rng.random())) for k in range(first, first + n_people)]
    segments = np.concatenate([w + 0.3 * rng.normal(size=(n, 1, N_SAMPLES)) for w in waves]).astype(np.float32)
    labels = np.repeat(np.arange(n_people), n)
    return LabelledSegments(segments, labels, labels + first, 2 * labels + np.tile(np.arange(n) % 2, n_people))


CONFIG = {"epochs": 4, "steps": 3, "classes_per_batch": 4, "per_class": 4, "device": "cpu"}


def build(head="cosine", seed=0):
    torch.manual_seed(seed)
    encoder = build_encoder("cnn", 1, N_SAMPLES, dim=8, widths=(4, 6), bins=4)
    return encoder, build_head(head, 8)


def weights_of(encoder, head):
    return {f"{k}.{n}": v.clone() for k, m in (("e", encoder), ("h", head)) for n, v in m.state_dict().items()}


def run(head="cosine", data=None, validation=None, augment=None, checkpoint=None, **settings):
    encoder, tip = build(head)
    history = train(
        encoder,
        tip,
        made_up() if data is None else data,
        validation,
        TrainingConfig(**(CONFIG | settings)),
        augment=augment,
        checkpoint=checkpoint,
        progress=False,
    )
    return weights_of(encoder, tip), history


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


class Interrupt(Augment):
    """Augment as by default, and press Ctrl-C at the given batch."""

    def __init__(self, at):
        super().__init__()
        object.__setattr__(self, "at", at)

    def __repr__(self):
        return repr(Augment())

    def __call__(self, x):
        object.__setattr__(self, "at", self.at - 1)
        if self.at < 0:
            raise KeyboardInterrupt
        return super().__call__(x)


# -- learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["supcon", "mse"])
@pytest.mark.parametrize("head", ["cosine", "euclidean", "three_path"])
def test_it_learns(loss, head):
    _, history = run(head, loss=loss, epochs=8, steps=8)
    assert [row["epoch"] for row in history] == list(range(1, 9))
    assert all(math.isfinite(row["loss"]) for row in history)
    assert history[-1]["loss"] < history[0]["loss"]


def test_held_out_people_are_told_apart_better_afterwards():
    held = made_up(4, first=6)
    _, history = run(validation=held, epochs=6, steps=10)
    assert set(history[0]) == {"epoch", "loss", "auc", "eer", "mse", "mae", "mape", "cosine"}
    assert all(0 <= row["eer"] <= 1 and 0 <= row["auc"] <= 1 for row in history)
    assert max(row["auc"] for row in history) > 0.9


def test_it_is_left_ready_for_use():
    encoder, head = build("three_path")
    history = train(encoder, head, made_up(), None, TrainingConfig(**CONFIG), progress=False)
    assert not encoder.training
    assert not head.training
    assert set(history[0]) == {"epoch", "loss"}
    assert all(p.device.type == "cpu" for p in encoder.parameters())


def test_the_best_epoch_is_kept():
    held = made_up(4, first=6)
    encoder, head = build()
    history = train(
        encoder, head, made_up(), held, TrainingConfig(**(CONFIG | {"epochs": 5, "steps": 10})), progress=False
    )
    best = max(range(5), key=lambda k: (history[k]["auc"], -k))
    # Training for exactly that many epochs of the same schedule ends with the same weights: interrupt it there.
    encoder_2, head_2 = build()
    config = TrainingConfig(**(CONFIG | {"epochs": 5, "steps": 10}))
    if best < 4:
        calls = [0]

        def stop_after(x):
            calls[0] += 1
            if calls[0] > 10 * (best + 1):
                raise KeyboardInterrupt
            return x

        with pytest.raises(TrainingInterrupted):
            train(encoder_2, head_2, made_up(), held, config, augment=stop_after, progress=False)
    else:
        train(encoder_2, head_2, made_up(), None, config, progress=False)
    assert same(weights_of(encoder, head), weights_of(encoder_2, head_2))


# -- seeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["cosine", "three_path"])
def test_the_same_seed_gives_the_same_weights(head):
    first, history = run(head, augment=Augment())
    second, again = run(head, augment=Augment())
    assert same(first, second)
    assert history == again
    third, _ = run(head, augment=Augment(), seed=1)
    assert not same(first, third)


def test_random_numbers_of_the_caller_are_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    encoder, head = build()
    torch.manual_seed(5)
    train(encoder, head, made_up(), None, TrainingConfig(**CONFIG), augment=Augment(), progress=False)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002 - the global one is meant
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    run()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


# -- stopping and going on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["cosine", "three_path"])
@pytest.mark.parametrize("at", [4, 7, 11])
def test_an_interrupted_training_ends_as_if_it_had_never_stopped(tmp_path, head, at):
    held = made_up(4, first=6)
    whole, history = run(head, validation=held, augment=Augment())
    file = tmp_path / "checkpoint.pt"
    with pytest.raises(TrainingInterrupted, match=f"stopped after {at // 3} of 4 epochs.*{file}"):
        run(head, validation=held, augment=Interrupt(at), checkpoint=file)
    resumed, again = run(head, validation=held, augment=Augment(), checkpoint=file)
    assert same(resumed, whole)
    assert again == history


def test_directions_of_classes_are_kept_too(tmp_path):
    whole, history = run(loss="arcface", augment=Augment())
    with pytest.raises(TrainingInterrupted):
        run(loss="arcface", augment=Interrupt(5), checkpoint=tmp_path / "c.pt")
    resumed, again = run(loss="arcface", augment=Augment(), checkpoint=tmp_path / "c.pt")
    assert same(resumed, whole)
    assert again == history


def test_twice_interrupted(tmp_path):
    whole, _ = run(augment=Augment())
    for _ in range(2):
        with pytest.raises(TrainingInterrupted):
            run(augment=Interrupt(5), checkpoint=tmp_path / "c.pt")
    assert same(run(augment=Augment(), checkpoint=tmp_path / "c.pt")[0], whole)


@pytest.mark.parametrize("name", ["checkpoint", "run 7"])
def test_a_checkpoint_may_have_any_name(tmp_path, name):
    run(checkpoint=tmp_path / name)
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_a_finished_training_is_not_repeated(tmp_path):
    whole, history = run(augment=Augment(), checkpoint=tmp_path / "c.pt")

    def never(x):
        raise AssertionError

    again, same_history = run(augment=never, checkpoint=tmp_path / "c.pt")
    assert same(again, whole)
    assert same_history == history


def test_without_a_checkpoint_nothing_is_kept():
    with pytest.raises(TrainingInterrupted, match="nothing was kept"):
        run(augment=Interrupt(4))


def test_an_interrupt_in_the_first_epoch_leaves_no_checkpoint(tmp_path):
    with pytest.raises(TrainingInterrupted, match="stopped after 0 of 4"):
        run(augment=Interrupt(1), checkpoint=tmp_path / "c.pt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "other",
    [
        {"data": made_up(seed=1)},
        {"seed": 1},
        {"epochs": 5},
        {"learning_rate": 1e-3},
        {"loss": "mse"},
        pytest.param(
            {"head": "euclidean"},
        ),
        pytest.param(
            {"head": "three_path"},
        ),
        pytest.param(
            {"validation": made_up(4, first=6)},
        ),
        pytest.param(
            {"augment": Augment(noise=3.0)},
        ),
    ],
    ids=lambda other: next(iter(other)) + "-" + str(next(iter(other.values())))[:12],
)
def test_a_checkpoint_of_another_training_is_refused(tmp_path, other):
    with pytest.raises(TrainingInterrupted):
        run(augment=Interrupt(5), checkpoint=tmp_path / "c.pt")
    with pytest.raises(ModelError, match=r"another training.*delete it"):
        run(**({"augment": Augment()} | other), checkpoint=tmp_path / "c.pt")


def test_what_is_not_a_checkpoint_is_refused(tmp_path):
    (tmp_path / "c.pt").write_text("not a checkpoint")
    with pytest.raises(ModelError, match="not a checkpoint"):
        run(checkpoint=tmp_path / "c.pt")
    assert (tmp_path / "c.pt").read_text() == "not a checkpoint"


def test_a_checkpoint_cannot_run_code(tmp_path):
    import pickle

    class Evil:
        def __reduce__(self):
            return print, ("it ran",)

    (tmp_path / "c.pt").write_bytes(pickle.dumps({"fingerprint": Evil()}))
    with pytest.raises(ModelError):
        run(checkpoint=tmp_path / "c.pt")


@pytest.mark.parametrize("patience", [1, 3])
def test_early_stop(tmp_path, patience):
    held = made_up(4, first=6)
    # Nothing is learnt at such a rate, so the first epoch stays the best.
    settings = {"epochs": 20, "steps": 1, "learning_rate": 1e-12, "patience": patience, "weight_decay": 0.0}
    _, history = run(validation=held, checkpoint=tmp_path / "c.pt", **settings)
    assert len(history) == 1 + patience
    assert run(validation=held, checkpoint=tmp_path / "c.pt", **settings)[1] == history
    assert len(run(**settings)[1]) == 20


# -- what is refused --------------------------------------------------------------------------------------------------


def test_one_class_is_refused():
    with pytest.raises(SignalError, match=r"1 class to train on.*at least 2"):
        run(data=made_up(1))


def test_nothing_to_train_is_said():
    encoder, head = build_encoder("identity", 1, N_SAMPLES), build_head("cosine", N_SAMPLES)
    with pytest.raises(ModelError, match="nothing to train"):
        train(encoder, head, made_up(), None, TrainingConfig(**CONFIG), progress=False)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"patience": 0}, "patience is 0"),
        ({"classes_per_batch": 1}, "at least 2 classes"),
        ({"per_class": 1}, "2 segments of each"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"learning_rate": -1.0}, "must be positive"),
        pytest.param({"learning_rate": float("nan")}, "learning_rate"),
        pytest.param({"steps": -1}, "steps"),
        pytest.param({"seed": -1}, "seed"),
        pytest.param(
            {"weight_decay": -1.0},
            "weight_decay",
        ),
        pytest.param({"temperature": 0.0}, "temperature"),
    ],
)
def test_bad_settings(bad, says):
    with pytest.raises(ParameterError, match=says):
        TrainingConfig(**bad)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match=r"mse, .*supcon"):
        TrainingConfig(loss="quadruplet")
    with pytest.raises(ParameterError, match="known: auto, cpu, cuda"):
        run(device="toaster")


def test_devices():
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(ParameterError, match="no GPU here"):
            pick_device("cuda")


def test_encoding_in_batches_is_the_same_as_at_once():
    encoder, _ = build()
    segments = made_up().segments
    torch.testing.assert_close(encode_array(encoder, segments, batch=7), encode_array(encoder, segments))
    assert encode_array(encoder, segments[:0]).shape == (0, 8)
    assert not encoder.training


def test_a_checkpoint_of_another_start_is_refused(tmp_path):
    n = np.arange(40)
    data = LabelledSegments(
        np.random.default_rng(0).normal(size=(40, 1, 32)).astype(np.float32), n // 10, n // 10, n // 5
    )
    config = TrainingConfig(epochs=1, steps=2)

    def run(seed):
        torch.manual_seed(seed)
        encoder = build_encoder("mlp", 1, 32, dim=8)
        train(encoder, build_head("cosine", 8), data, None, config, checkpoint=tmp_path / "c", progress=False)

    run(0)
    run(0)
    with pytest.raises(ModelError, match="another training"):
        run(1)


@pytest.mark.parametrize(
    "values", [{"steps": 2.5}, {"epochs": "3"}, {"loss": 1}, {"temperature": True}, {"keep": "all"}]
)
def test_settings_have_their_types(values):
    with pytest.raises(ParameterError, match=next(iter(values)) if "keep" not in values else "best, last"):
        TrainingConfig(**values)
