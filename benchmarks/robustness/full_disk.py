"""A full disk under every command that writes: one sentence, exit code 2, the old output as it was."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from commands import COMMANDS, SIGSIMNET, Command, prepare

ROOM = 16  # bytes that a file may have


def full_disk(seconds: float, *, learning: bool) -> list[dict[str, object]]:
    """Run every command where no file may grow; return a row for each."""
    rows = []
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as work:
        home = Path(work)
        prepare(home)
        for command in COMMANDS:
            if (command.learns and not learning) or time.monotonic() > end:
                continue
            said = _said(command, home)
            rows.append(
                {
                    "part": "full disk", "what": command.name, "n": 1, "read_or_old": 0,
                    "refused_or_new": int(not said), "wrong": int(bool(said)), "slowest_s": 0, "about": said,
                }
            )  # fmt: skip
    return rows


def _said(command: Command, home: Path) -> str:
    """Return what is wrong with how a command ends."""
    output = home / command.output
    if not command.learns:
        output.write_text("old")
    done = subprocess.run(
        [*SIGSIMNET, *command.line, "--force"],
        cwd=home,
        capture_output=True,
        preexec_fn=_no_room,
        text=True,
        check=False,
    )
    said = done.stderr.strip().splitlines()
    sentence = [line for line in said if line.startswith("sigsimnet: ")]
    wrong = []
    if done.returncode != 2:
        wrong.append(f"exit code {done.returncode}")
    if len(sentence) != 1 or "Traceback" in done.stderr:
        wrong.append(f"said {said[-1:]}")
    if not command.learns and output.read_text(errors="replace") != "old":
        wrong.append("the old output has gone")
    for path in [*home.glob("x*"), *home.glob(".x*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return "; ".join(wrong)[:200]


def _no_room() -> None:
    # As EFBIG, where a full disk says ENOSPC: it needs no other file system, and no rights.
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
