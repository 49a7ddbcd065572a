"""What several rooms' tests share: simulated people, a small trained twin, the command line, real data if present."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared_helpers import NO_TORCH, ROOT, save_people
from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate_one

# `make test-core` runs in an environment without PyTorch: what trains is not looked at there.
collect_ignore = ["training", "networks", "examples"] if NO_TORCH else []
# Networks of tests are small: a second thread waits more than it works. Processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Skip, saying so, what trains where PyTorch is not installed."""
    if NO_TORCH:
        for item in items:
            if item.get_closest_marker("needs_torch"):
                item.add_marker(pytest.mark.skip(reason="trains: pip install 'sigsimnet[train]'"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real signals; skip, saying so, where it is absent."""
    named = os.environ.get("SIGSIMNET_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real signals at {folder}: set SIGSIMNET_DATA to where they are")
    return folder


@pytest.fixture(scope="session")
def learners() -> list[Recording]:
    """Return eight people in two sessions, whom `tiny` was trained and calibrated on."""
    return [simulate_one(person, session, duration=30) for person in range(1, 9) for session in (1, 2)]


@pytest.fixture(scope="session")
def strangers() -> list[Recording]:
    """Return four people in two sessions, whom `tiny` has never seen."""
    return [simulate_one(person, session, duration=30) for person in range(21, 25) for session in (1, 2)]


SMALL = {"dim": 16, "widths": [8, 16, 16]}
SHORT = {"epochs": 4, "steps": 10, "seed": 0}


@pytest.fixture(scope="session")
def tiny(learners):
    """Return a small twin, trained and calibrated. Tests must not change it."""
    pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")
    from sigsimnet.model import SigSimNet

    return SigSimNet(encoder_options=SMALL).fit(learners, same="subject", **SHORT)


@pytest.fixture(scope="session")
def tiny_path(tiny, tmp_path_factory) -> Path:
    """Return the folder that `tiny` was saved in. Tests must not change it."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny.save(folder)
    return folder


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run_cli(capsys, monkeypatch):
    """Run a command in this process, as ``sigsimnet …`` would; return its exit code and what it printed."""

    def go(*arguments: object) -> Ran:
        from sigsimnet.cli import run

        monkeypatch.setattr(sys, "argv", ["sigsimnet", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            run()
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return go


@pytest.fixture(scope="session")
def people_on_disk(learners, strangers, tmp_path_factory) -> Path:
    """Return a folder with ``learners.csv`` and ``strangers.csv``. Tests must not change it."""
    folder = tmp_path_factory.mktemp("people")
    save_people(folder, learners, "learners.csv")
    save_people(folder, strangers, "strangers.csv")
    return folder
