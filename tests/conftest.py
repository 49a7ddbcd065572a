"""What several rooms' tests share: simulated people, a small trained twin, the command line, real data if present."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared_helpers import NO_TORCH, ROOT, save_people
from sigsimnet.io import write
from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate, simulate_one

# How long an example takes depends on what else a machine does.
with suppress(ImportError):
    from hypothesis import settings

    settings.register_profile("sigsimnet", deadline=None)
    settings.load_profile("sigsimnet")

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


@dataclass
class Served:
    """A service, and a client that knows its token."""

    settings: Any
    client: Any
    root: Path

    @property
    def base(self) -> str:
        return self.settings.origins[0]

    @property
    def address(self) -> str:
        return f"{self.base}/?token={self.settings.token}"


@pytest.fixture(scope="session")
def served_root(tmp_path_factory):
    """Return a folder with recordings and an index, to be served."""
    from sigsimnet import Index

    for library in ("fastapi", "uvicorn", "httpx", "jinja2", "matplotlib", "duckdb"):
        pytest.importorskip(library, reason="pip install 'sigsimnet[app]'")
    root = tmp_path_factory.mktemp("root")
    recordings = simulate(4, 2, duration=30, seed=6)
    (root / "people").mkdir()
    for one in recordings:
        about = one.metadata
        write(one, root / "people" / f"{about['subject']}_{about['session']}.csv")
    write(recordings[0], root / "wfdb.hea")
    lines = [
        f"people/{one.metadata['subject']}_{one.metadata['session']}.csv,{one.metadata['subject']}"
        for one in recordings
    ]
    (root / "table.csv").write_text("path,subject\n" + "\n".join(lines) + "\n")
    evil = recordings[1].replace(channel_names=["<img src=x onerror=alert(1)>"])
    write(evil, root / "evil.csv")
    Index(root / "archive.index").add(root / "table.csv", progress=False)
    return root


def start(root, work, **settings):
    import socket

    import uvicorn

    from sigsimnet.app import Settings, make_app

    line = socket.socket()
    line.bind(("127.0.0.1", 0))
    line.listen(256)
    made = Settings(root, work, port=line.getsockname()[1], index=str(root / "archive.index"), **settings)
    config = uvicorn.Config(make_app(made), log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    return made, server, thread, line


@pytest.fixture(scope="session")
def served(served_root, tmp_path_factory):
    """Return a service that runs, and a client that knows its token."""
    import httpx

    made, server, thread, line = start(
        served_root, tmp_path_factory.mktemp("work"), most_upload=400_000, seconds=120.0, body_seconds=1.0
    )
    headers = {"Authorization": f"Bearer {made.token}"}
    with httpx.Client(base_url=made.origins[0], headers=headers, timeout=120.0) as client:
        yield Served(made, client, served_root)
    server.should_exit = True
    thread.join(30)
    line.close()
