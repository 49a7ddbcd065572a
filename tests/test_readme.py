"""What the README shows: its Python runs and prints what it says, its commands exist and answer in the shape shown."""

from __future__ import annotations

import re
import shlex

import pytest

from shared_helpers import NO_TORCH, ROOT, save_people
from sigsimnet.io import write
from sigsimnet.simulation import simulate, simulate_one

README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
CONSOLE = re.findall(r"^```console\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
NAMED = {line: block for block in PYTHON for line in block.splitlines() if "# -> " in line}


def trains(block: str) -> bool:
    return ".fit(" in block


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with the files that the README names, of simulated people; work in it."""
    for name, recording in zip(("sitting.csv", "walking.edf"), simulate(1, 2, duration=20, seed=1), strict=True):
        write(recording, tmp_path / name)
    learners = [simulate_one(person, session, duration=12) for person in range(1, 7) for session in (1, 2)]
    save_people(tmp_path, learners, split=["train"] * len(learners))
    others = [simulate_one(person, session, duration=12) for person in range(21, 25) for session in (1, 2)]
    save_people(tmp_path, others, "others.csv", split=["test"] * len(others))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_blocks_with_and_without_training_and_with_output():
    assert any(trains(block) for block in PYTHON)
    assert any(not trains(block) for block in PYTHON)
    assert len(NAMED) >= 3
    assert len(README.splitlines()) <= 100


def run(blocks, capsys):
    """Run the blocks in one namespace; hold each printed line against the comment behind it."""
    names: dict[str, object] = {}
    for block in blocks:
        capsys.readouterr()
        exec(compile(block, "README.md", "exec"), names)
        said = re.findall(r"# -> (.*)$", block, flags=re.MULTILINE)
        printed = capsys.readouterr().out.splitlines()
        if said:
            assert printed == said
    return names


def test_blocks_that_apply_a_model(folder, capsys):
    names = run([block for block in PYTHON if not trains(block)], capsys)
    assert (folder / "agreement.png").stat().st_size > 1000
    assert names["embeddings"].shape[1] == 128


@pytest.mark.slow
@pytest.mark.needs_torch
def test_blocks_that_train(folder, capsys):
    assert not NO_TORCH
    short = [block.replace("epochs=30", "epochs=1, steps=4") for block in PYTHON]
    assert short != PYTHON
    run(short, capsys)
    assert (folder / "my-model" / "encoder.onnx").is_file()


def test_answer_of_compare_has_the_shape_shown(folder, run_cli):
    shown = next(block for block in CONSOLE if "sigsimnet compare" in block)
    ran = run_cli("compare", "sitting.csv", "walking.edf")
    assert ran.code == 0
    lines = shown.splitlines()[1:]
    for said, printed in zip(lines, ran.out.splitlines(), strict=False):
        pattern = re.sub(r"\d+(\\\.\d+)?", r"[\\d.]+", re.escape(said))
        assert re.fullmatch(pattern, printed), (said, printed)


def test_answer_of_compare_on_the_recordings_shown(shared_data, run_cli, monkeypatch):
    shown = next(block for block in CONSOLE if "sigsimnet compare" in block)
    command, *lines = shown.splitlines()
    if not (shared_data / "ecg-id" / "Person_01").is_dir():
        pytest.skip("ECG-ID is not at hand")
    monkeypatch.chdir(shared_data)
    ran = run_cli(*shlex.split(command.removeprefix("$ sigsimnet ")))
    assert ran.out.splitlines()[: len(lines)] == lines


@pytest.mark.parametrize("text", sorted(set(re.findall(r"`(sigsimnet [^`]+)`", README))))
def test_commands_and_their_options_exist(text, run_cli):
    words = shlex.split(text)
    ran = run_cli(*words[1 : 3 if words[1] == "index" else 2], "--help")
    assert ran.code == 0
    cells = re.findall(rf"^.*`{re.escape(text)}`.*$", README, flags=re.MULTILINE)
    options = {word for word in words if word.startswith("-")}
    if len(re.findall(r"`sigsimnet ", cells[0])) == 1:  # options in brackets belong to the only command of the row
        options |= set(re.findall(r"(?<=[` ])--?[a-z0-9-]+", cells[0]))
    for option in options:
        assert option in ran.out


def test_files_that_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
