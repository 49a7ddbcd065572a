"""A service that runs, over a folder with recordings and an index."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

for library in ("fastapi", "uvicorn", "httpx", "jinja2", "matplotlib", "duckdb"):
    pytest.importorskip(library, reason="pip install 'sigsimnet[app]'")

import httpx
import uvicorn

from sigsimnet import Index, simulate
from sigsimnet.app import Settings, make_app
from sigsimnet.io import write


@dataclass
class Served:
    """A service, and a client that knows its token."""

    settings: Settings
    client: httpx.Client
    root: Path

    @property
    def base(self) -> str:
        return self.settings.origins[0]

    @property
    def address(self) -> str:
        return f"{self.base}/?token={self.settings.token}"


@pytest.fixture(scope="session")
def served_root(tmp_path_factory):
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
    made, server, thread, line = start(
        served_root, tmp_path_factory.mktemp("work"), most_upload=400_000, seconds=120.0, body_seconds=1.0
    )
    headers = {"Authorization": f"Bearer {made.token}"}
    with httpx.Client(base_url=made.origins[0], headers=headers, timeout=120.0) as client:
        yield Served(made, client, served_root)
    server.should_exit = True
    thread.join(30)
    line.close()
