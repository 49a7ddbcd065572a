"""SIGKILL at a random moment: the old or the new output is there, whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from commands import COMMANDS, SIGSIMNET, Command, prepare


def kill(n: int, seed: int, seconds: float, *, learning: bool) -> list[dict[str, object]]:
    """Kill every command at random moments; return a row for each command."""
    rng = np.random.default_rng(seed)
    chosen = [command for command in COMMANDS if learning or not command.learns]
    outcomes: dict[str, list[str]] = {command.name: [] for command in chosen}
    lengths: dict[str, float] = {}
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        home.mkdir()
        prepare(home)
        for number in range(n):
            command = chosen[number % len(chosen)]
            if time.monotonic() > end:
                break
            aside = Path(work) / command.name
            if command.name not in lengths:
                aside.mkdir()
                for kind, line in (("new", command.line), ("again", command.line), ("old", command.before())):
                    started = time.monotonic()
                    done = run(line, home)
                    assert done.returncode == 0, (command.name, done.stderr.decode())
                    lengths[command.name] = time.monotonic() - started
                    command.whole(home / command.output)
                    move(home, aside / kind)
            # Half of the moments near the end, where the output is written.
            moment = lengths[command.name] * (rng.random() if number % 2 else rng.uniform(0.8, 1.05))
            restore(home, aside / "old")
            outcomes[command.name].append(killed(command, home, moment, aside))
    return [
        {
            "part": "kill", "what": name, "n": len(found), "read_or_old": found.count("old"),
            "refused_or_new": found.count("new"), "wrong": len(found) - found.count("old") - found.count("new"),
            "slowest_s": round(lengths.get(name, 0), 2),
            "about": "; ".join(sorted({one for one in found if one not in ("old", "new")})),
        }
        for name, found in outcomes.items()
    ]  # fmt: skip


def run(line: list[str], home: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*SIGSIMNET, *line, "--force"], cwd=home, capture_output=True, check=False)


def move(home: Path, aside: Path) -> None:
    """Put away what the command wrote."""
    aside.mkdir()
    for path in home.glob("x*"):
        path.rename(aside / path.name)


def restore(home: Path, aside: Path) -> None:
    for path in [*home.glob("x*"), *home.glob(".x*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in aside.iterdir():
        target = home / path.name
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)


def killed(command: Command, home: Path, moment: float, aside: Path) -> str:
    process = subprocess.Popen(
        [*SIGSIMNET, *command.line, "--force"],
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    output = home / command.output
    if not output.exists():
        return f"nothing after {moment:.2f} s"
    try:
        command.whole(output)
    except Exception as error:  # noqa: BLE001 - what should not happen is counted
        return f"{type(error).__name__} after {moment:.2f} s: {error}"[:100]
    if _same(aside / "old", home):
        return "old"
    if _same(aside / "new", home) or not _same(aside / "new", aside / "again"):  # some outputs hold the time of day
        return "new"
    return f"neither the old nor the new after {moment:.2f} s"


def _same(a: Path, b: Path) -> bool:
    if a.is_dir():
        return all(_same(path, b / path.name) for path in a.iterdir())
    return b.is_file() and a.read_bytes() == b.read_bytes()
