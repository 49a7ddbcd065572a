"""What each command prints, for people and for machines."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys

import numpy as np
import pytest

import sigsimnet
from sigsimnet.comparison import compare
from sigsimnet.evaluation import PROTOCOLS
from sigsimnet.io import write
from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate_one


def parsed(ran):
    assert ran.code == 0, ran.err
    return json.loads(ran.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_help_and_version(run_cli):
    shown = run_cli("--help")
    assert shown.code == 0
    for command in ("info", "compare", "train", "evaluate", "demo"):
        assert command in shown.out
        assert "--json" in run_cli(command, "--help").out
    assert run_cli("--version").out.strip() == f"sigsimnet {sigsimnet.__version__}"


@pytest.mark.parametrize("arguments", [["compare"], ["nonsense"], ["info", "--colour", "red"]])
def test_wrong_usage_exits_with_2(run_cli, arguments):
    ran = run_cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    assert "--help" in ran.err


# -- info -------------------------------------------------------------------------------------------------------------


def test_info(run_cli, people_on_disk, strangers):
    file = people_on_disk / "strangers-0.npz"
    values = parsed(run_cli("info", file, "--json"))
    assert values["source"] == str(file) or values["source"] == strangers[0].source
    assert values["sampling_rate"] == 250
    assert values["n_samples"] == 7500
    assert values["duration"] == 30
    assert values["channels"][0]["name"] == "I"
    assert values["channels"][0]["unit"] == "mV"
    assert values["channels"][0]["missing"] == 0
    assert values["channels"][0]["highest"] == pytest.approx(float(strangers[0].data.max()))
    assert abs(values["n_r_peaks"] - len(strangers[0].annotations)) <= 1
    assert 40 < values["heart_rate"] < 120
    text = run_cli("info", file)
    assert text.code == 0
    assert "1 channel × 30.0 s at 250 Hz" in text.out
    assert "R peaks" in text.out


def test_info_of_something_without_beats_and_with_missing_channels(run_cli, tmp_path):
    data = np.random.default_rng(0).normal(size=(2, 500))
    data[1] = np.nan
    write(Recording(data, 100, channel_names=["EEG Fp1", "gone"]), tmp_path / "a.npz")
    values = parsed(run_cli("info", tmp_path / "a.npz", "--json"))
    assert values["channels"][1]["missing"] == 1
    assert values["channels"][1]["lowest"] is None
    assert run_cli("info", tmp_path / "a.npz").code == 0


def test_info_brings_the_readers_warnings_on_standard_error(run_cli, tmp_path):
    lines = ["time,ECG"] + [
        f"{k / 250:.3f},{0.001 * np.sin(k / 10):.6f}" for k in range(1000) if k not in range(300, 400)
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    values = parsed(run_cli("info", tmp_path / "a.csv", "--json"))
    text = run_cli("info", tmp_path / "a.csv")
    assert any("volts" in warning for warning in values["warnings"])
    for warning in values["warnings"]:
        assert f"note: {warning.replace('units=', '--units ')}" in text.err  # the option of where it is said
        assert warning not in text.out


# -- compare ----------------------------------------------------------------------------------------------------------


def test_compare(run_cli, people_on_disk, tiny_path, tiny, strangers, tmp_path):
    files = [people_on_disk / f"strangers-{k}.npz" for k in (0, 2)]
    page = tmp_path / "answer.html"
    ran = run_cli("compare", *files, "--model", tiny_path, "--json", "-o", page)
    values = parsed(ran)
    assert set(values) >= {"score", "probability", "verdict", "reasons", "n_segments_a", "n_segments_b", "protocol"}
    expected = compare(strangers[0], strangers[2], model=tiny_path)
    assert values["score"] == expected.score
    assert values["verdict"] == expected.verdict
    assert ran.err == ""
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    text = run_cli("compare", *files, "--model", tiny_path)
    assert text.code == 0
    assert text.out.startswith(f"{expected.verdict}  (score {expected.score:.3f}")
    assert "same subject?" in text.out


def test_compare_takes_rates_and_channels(run_cli, tiny_path, tmp_path):
    record = simulate_one(40, duration=10, leads=("I", "II"))
    header = "I,II\n"
    rows = "\n".join(f"{a:.5f},{b:.5f}" for a, b in record.data.T)
    (tmp_path / "a.csv").write_text(header + rows + "\n")
    write(record, tmp_path / "b.npz")
    ran = run_cli(
        *("compare", tmp_path / "a.csv", tmp_path / "b.npz", "--model", tiny_path, "--json"),
        *("--sampling-rate-a", 250, "--channel-a", "II", "--channel-b", "II"),
    )
    values = parsed(ran)
    assert values["a"]["channels"] == values["b"]["channels"] == ["II"]
    assert values["score"] > 0.99


def test_compare_with_the_model_of_the_package(run_cli, people_on_disk):
    files = [people_on_disk / f"strangers-{k}.npz" for k in (0, 1)]
    values = parsed(run_cli("compare", *files, "--json"))
    assert values["protocol"]["trained_on"]
    assert values["verdict"] == "same"
    others = [people_on_disk / f"strangers-{k}.npz" for k in (2, 4)]
    # Made-up hearts are more alike than real ones: the model need not be sure that they differ, but must not say same.
    unlike = parsed(run_cli("compare", *others, "--json"))
    assert unlike["verdict"] in ("different", "cannot tell")
    assert unlike["probability"] < values["probability"] - 0.2


def test_the_line_of_the_issue(run_cli, shared_data):
    folder = shared_data / "ecg-id" / "Person_01"
    if not folder.is_dir():
        pytest.skip(f"no ECG-ID in {shared_data}")
    values = parsed(run_cli("compare", folder / "rec_1", folder / "rec_2", "--json"))
    assert set(values) >= {"score", "probability", "verdict", "reasons", "n_segments_a", "n_segments_b", "protocol"}
    assert values["protocol"]["trained_on"]


# -- train and evaluate -----------------------------------------------------------------------------------------------


def printed(*arguments):
    """Run a command as `run_cli` does, for fixtures that several tests share; return its standard output."""
    from sigsimnet.cli import run

    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr(sys, "argv", ["sigsimnet", *map(str, arguments)])
        with contextlib.suppress(SystemExit):
            run()
    return out.getvalue()


@pytest.fixture(scope="module")
def trained(people_on_disk, tmp_path_factory):
    """Train twice with one seed; return the folder of the models and what was printed."""
    pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")
    folder = tmp_path_factory.mktemp("trained")
    arguments = ("train", people_on_disk / "learners.csv", "--same", "subject", "--epochs", 2, "--seed", 0, "--json")
    return folder, [json.loads(printed(*arguments, "-o", folder / name)) for name in ("one", "two")]


def test_the_same_seed_gives_the_same_figures(trained, run_cli, people_on_disk):
    folder, (first, second) = trained
    assert {k: v for k, v in first.items() if k != "model"} == {k: v for k, v in second.items() if k != "model"}
    assert (folder / "one" / "weights.safetensors").read_bytes() == (
        folder / "two" / "weights.safetensors"
    ).read_bytes()
    assert sorted(item.name for item in folder.iterdir()) == ["one", "two"]
    assert first["n_people"] + first["n_held_out"] == 8
    assert first["epochs"] == 2
    assert len(first["history"]) == 2
    figures = [
        parsed(run_cli("evaluate", folder / name, people_on_disk / "strangers.csv", "--json", "--n-resamples", 50))
        for name in ("one", "two")
    ]
    assert figures[0]["model"] == figures[1]["model"]
    assert figures[0]["baselines"] == figures[1]["baselines"]


def test_evaluate(trained, run_cli, people_on_disk, tmp_path):
    model, manifest = trained[0] / "one", people_on_disk / "strangers.csv"
    scores = tmp_path / "scores.csv"
    values = parsed(run_cli("evaluate", model, manifest, "--json", "--n-resamples", 100, "--scores", scores))
    assert 0 <= values["model"]["eer"] <= 1
    assert values["model"]["n_people"] == 4
    assert values["model"]["intervals"]["eer"]["level"] == 0.95
    assert set(values["baselines"]) == {"pearson"}
    assert values["trained_on"]
    assert values["failed_to_acquire"] == []
    assert values["written"] == [str(scores)]
    assert values["model"]["intervals"]["eer"]["low"] is None  # four people carry no interval
    with scores.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 28
    assert {row["protocol"] for row in rows} == {"cross_record"}
    assert all(float(row["score_pearson"]) <= 1 for row in rows)
    assert sum(int(row["genuine"]) for row in rows) == 4
    assert all((row["enrolled"] == row["probe"]) == (row["genuine"] == "1") for row in rows)
    text = run_cli("evaluate", model, manifest, "--n-resamples", 0)
    assert text.code == 0
    assert "EER" in text.out
    assert "ΔEER against the model" in text.out
    assert "pearson" in text.out
    shown = run_cli("evaluate", model, manifest, "--scores", scores, "--force")
    assert f"wrote {scores}: 28 trials with their scores" in shown.out
    assert "no intervals: 4 people are too few, 10 are needed" in shown.err
    assert "[" not in shown.out


def test_evaluate_refuses_people_who_were_trained_on(run_cli, tiny_path, people_on_disk):
    ran = run_cli("evaluate", tiny_path, people_on_disk / "learners.csv", "--json")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert "test on other people" in ran.err


@pytest.mark.needs_torch
def test_splits_of_one_manifest(run_cli, people_on_disk, tmp_path):
    rows = []
    for name, split in (("learners", "train"), ("strangers", "test")):
        with (people_on_disk / f"{name}.csv").open() as file:
            rows += [{**row, "path": str(people_on_disk / row["path"]), "split": split} for row in csv.DictReader(file)]
    with (tmp_path / "all.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    trained = parsed(run_cli("train", tmp_path / "all.csv", "-o", tmp_path / "m", "--epochs", 1, "--json"))
    assert trained["n_people"] + trained["n_held_out"] == 8
    found = parsed(run_cli("evaluate", tmp_path / "m", tmp_path / "all.csv", "--json", "--n-resamples", 0))
    assert found["model"]["n_people"] == 4
    assert sorted(item.name for item in tmp_path.iterdir()) == ["all.csv", "m"]


@pytest.mark.needs_torch
def test_train_speaks_to_people_too(run_cli, people_on_disk, tmp_path):
    arguments = ("train", people_on_disk / "learners.csv", "-o", tmp_path / "m", "--epochs", 1, "--segments", "windows")
    ran = run_cli(*arguments, "--head", "three_path", "--loss", "mse")
    assert ran.code == 0, ran.err
    assert "wrote" in ran.out
    assert "calibrated" in ran.out
    assert "sigsimnet evaluate" in ran.out


# -- demo -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, json.loads(printed("demo", "-o", folder, "--json"))


@pytest.mark.slow
def test_demo(demo):
    folder, values = demo
    assert len(values["pairs"]) == 16
    assert sum(pair["truth"] == "same" for pair in values["pairs"]) == 4
    verdicts = {
        truth: [p["verdict"] for p in values["pairs"] if p["truth"] == truth] for truth in ("same", "different")
    }
    assert "different" not in verdicts["same"]
    assert "same" in verdicts["same"]
    assert verdicts["different"].count("different") > len(verdicts["different"]) / 2
    assert verdicts["different"].count("same") <= 1
    assert all(-1 <= pair["score"] <= 1.00001 for pair in values["pairs"])
    assert values["report"] == str(folder / "report.html")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 6
    assert "sigsimnet compare a.csv b.dat" in page
    assert "http://" not in page
    assert "https://" not in page
    assert sorted(item.name for item in folder.iterdir()) == ["model", "report.html"]


@pytest.mark.slow
def test_demo_says_where_the_model_is(demo):
    assert demo[1]["model_folder"] == str(demo[0] / "model")


@pytest.mark.slow
def test_demo_for_people(run_cli, tmp_path):
    ran = run_cli("demo", "-o", tmp_path / "demo", "--epochs", 1)
    assert ran.code == 0
    assert "16 pairs" in ran.out
    assert "EER" in ran.out
    assert "report.html" in ran.out


# -- peaks ------------------------------------------------------------------------------------------------------------


def test_peaks_are_written_and_never_over_what_is_there(run_cli, tmp_path):
    record = simulate_one(3, duration=30)
    write(record, tmp_path / "r.csv")
    ran = run_cli("peaks", tmp_path / "r.csv", "-o", tmp_path / "p.csv", "--plot", tmp_path / "p.png", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert len(found["times"]) == len(record.annotations)
    assert len((tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()) == len(record.annotations) + 1
    assert (tmp_path / "p.png").stat().st_size > 1000
    assert run_cli("peaks", tmp_path / "r.csv", "-o", tmp_path / "r.atr").code == 0
    again = run_cli("peaks", tmp_path / "r.csv", "-o", tmp_path / "r.atr")
    assert again.code == 2
    assert "there already" in again.err
    for more in (
        ["-o", tmp_path / "r.csv"],
        ["--plot", tmp_path / "q.png", "--start", -5],
        ["--plot", tmp_path / "q.xyz"],
    ):
        refused = run_cli("peaks", tmp_path / "r.csv", *more)
        assert refused.code == 2
        assert len(refused.err.strip().splitlines()) == 1
    assert not (tmp_path / "q.png").exists()


def test_all_detectors_agree_on_a_clear_record(run_cli, tmp_path):
    write(simulate_one(3, duration=30), tmp_path / "r.csv")
    rows = json.loads(run_cli("peaks", tmp_path / "r.csv", "--detector", "all", "--json").out)["detectors"]
    assert len(rows) == 9
    assert all(row["agreement"] > 0.95 for row in rows)


@pytest.mark.needs_torch
def test_a_configuration_file_reproduces_a_run(run_cli, people_on_disk, tmp_path):
    config = tmp_path / "train.toml"
    config.write_text(
        'epochs = 2\nencoder = "mlp"\nloss = "triplet"\n[encoder_options]\ndim = 12\nwidths = [16]\n'
        "[settings]\nsteps = 2\nlearning_rate = 0.01\n[augment]\nnoise = 0.3\n"
    )
    weights = []
    for name in ("one", "two"):
        ran = run_cli("train", people_on_disk / "learners.csv", "-o", tmp_path / name, "--config", config, "--json")
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["epochs"] == 2
        weights.append((tmp_path / name / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1]
    kept = json.loads((tmp_path / "one" / "config.json").read_text())
    assert kept["encoder"] == "mlp"
    assert kept["encoder_options"]["dim"] == 12
    training = kept["card"]["training"]
    assert (training["loss"], training["steps"], training["learning_rate"]) == ("triplet", 2, 0.01)
    assert training["augment"]["noise"] == 0.3
    overruled = run_cli(
        "train",
        people_on_disk / "learners.csv",
        "-o",
        tmp_path / "three",
        "--config",
        config,
        "--epochs",
        "1",
        "--json",
    )
    assert json.loads(overruled.out)["epochs"] == 1


@pytest.mark.needs_torch
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("epochs = [", "not a TOML file"),
        ("colour = 1", "no option 'colour'"),
        ('epochs = "many"', "epochs is 'many'"),
        ("settings = 3", "must be a table"),
        ("[settings]\nspeed = 1", "speed"),
        ("[augment]\nspeed = 1", "speed"),
        ("[encoder_options]\nspeed = 1", "speed"),
    ],
)
def test_a_configuration_file_that_cannot_be(run_cli, people_on_disk, tmp_path, text, says):
    config = tmp_path / "train.toml"
    config.write_text(text)
    ran = run_cli("train", people_on_disk / "learners.csv", "-o", tmp_path / "m", "--config", config)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "m").exists()


def test_evaluation_is_drawn_and_every_protocol_listed(run_cli, people_on_disk, tiny_path, tmp_path):
    table = people_on_disk / "strangers.csv"
    how, scores, found_map = tmp_path / "how.png", tmp_path / "scores.csv", tmp_path / "map.png"
    ran = run_cli("evaluate", tiny_path, table, "--plot", how, "--map", found_map, "--n-resamples", "10")
    assert ran.code == 0, ran.err
    for image, what in ((how, "figures"), (found_map, "map of the recordings' embeddings")):
        assert image.read_bytes()[1:4] == b"PNG"
        assert f"wrote {image}: {what}" in ran.out
    ran = run_cli(
        "evaluate", tiny_path, table, "--protocol", "identity", "--baselines", "all", "--json", "--n-resamples", "10"
    )
    assert ran.code == 0, ran.err
    values = json.loads(ran.out)
    assert {"same_record", "beats", "cross_record", "cross_session", "single_shot_long_term"} <= set(values)
    assert "cross_state" in values["protocols_left_out"]
    assert {"pearson", "dtw", "cross_correlation"} <= set(values["cross_record"]["baselines"])
    assert "lda" in values["cross_record"]["left_out"]
    how.unlink()
    everything = ("--protocol", "identity", "--n-resamples", "0", "--plot", how, "--scores", scores)
    shown = run_cli("evaluate", tiny_path, table, *everything)
    assert "Rank-1" in shown.out
    assert "beats: figure" in shown.out
    assert "protocol cross_state left out: all recordings have one label" in shown.err
    assert how.read_bytes()[1:4] == b"PNG"
    with scores.open() as file:
        rows = [row["protocol"] for row in csv.DictReader(file)]
    assert set(rows) == set(values) & set(PROTOCOLS)
    assert f"wrote {scores}: {len(rows)} trials of {len(set(rows))} protocols" in shown.out


def test_every_protocol_is_in_the_help_and_can_be_asked_for(run_cli, people_on_disk, tiny_path):
    shown = "".join(run_cli("evaluate", "--help").out.replace("│", "").split())
    assert all(name in shown for name in PROTOCOLS)
    found = run_cli(
        "evaluate", tiny_path, people_on_disk / "strangers.csv", "--protocol", "leave-last-out-long-term", "--json"
    )
    assert parsed(found)["model"]["protocol"]["protocol"] == "leave_last_out_long_term"


@pytest.mark.needs_torch
def test_recorded_noise_and_rhythm(run_cli, people_on_disk, tmp_path):
    hiss = np.random.default_rng(0).normal(size=7200)
    np.savetxt(
        tmp_path / "hiss.csv",
        np.column_stack([np.arange(7200) / 360, hiss]),
        delimiter=",",
        header="time,noise",
        comments="",
    )
    arguments = ("train", people_on_disk / "learners.csv", "-o", tmp_path / "m", "--epochs", 1)
    ran = run_cli(*arguments, "--noise", tmp_path / "hiss.csv", "--rhythm")
    assert ran.code == 0, ran.err
    assert "epoch 1 of 1: loss" in ran.err  # no terminal: lines instead of a bar
    card = json.loads((tmp_path / "m" / "config.json").read_text())["card"]
    assert card["training"]["augment"]["bank"] == [4, 1000]
    assert card["training"]["augment"]["real"] == 0.25
    assert card["training"]["augment"]["n_passthrough"] == 2  # the rhythm is no signal and gets no noise
    for more, says in (
        (("--segments", "windows", "--rhythm"), "windows have none"),
        (("--noise", "nowhere.csv"), "nowhere.csv"),
    ):
        ran = run_cli(*arguments, "--force", *more)
        assert ran.code == 2
        assert says in ran.err


def test_short_help(run_cli):
    assert run_cli("-h").out == run_cli("--help").out
    assert "--protocol" in run_cli("evaluate", "-h").out
