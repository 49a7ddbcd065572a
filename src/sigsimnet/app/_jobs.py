"""Long work: commands of `sigsimnet` that run beside the service, are watched, stopped, and gone on with."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sigsimnet._utils.files import write_whole
from sigsimnet.app._settings import Settings
from sigsimnet.errors import ParameterError

__all__ = ["COMMANDS", "Job", "Jobs"]

COMMANDS = ("train", "evaluate", "audit", "index add")
"""Commands that may be started."""
_FOLDER = ".sigsimnet"
_TAIL = 40  # lines of the log that are shown
_EPOCH = re.compile(r"epoch (\d+) of \d+: loss (\d+\.\d+)(?:, held-out EER (\d+\.\d+) %)?")
_PATIENCE = 20.0  # s after Ctrl-C until a command is killed


@dataclass
class Job:
    """A command that was started.

    Attributes
    ----------
    id : str
    command : str
        One of `COMMANDS`.
    arguments : list of str
        As on the command line; paths are relative to the root.
    state : {"waits", "runs", "done", "failed", "stopped"}
    began, ended : float
        Seconds since 1970; 0 where it has not.
    code : int or None
        Exit code.

    Examples
    --------
    >>> Job("a1", "audit", ["files"], "waits").line
    'sigsimnet audit files'
    """

    id: str
    command: str
    arguments: list[str]
    state: str
    began: float = 0.0
    ended: float = 0.0
    code: int | None = None

    @property
    def line(self) -> str:
        """What to type for the same."""
        import shlex

        return shlex.join(["sigsimnet", *self.command.split(), *self.arguments])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command that does not end by itself."""
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


class Jobs:
    """All jobs of a root; what is known of them lies in ``.sigsimnet/jobs`` there, also after the service has ended.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.root / _FOLDER / "jobs"
        self.root = settings.root
        self._jobs: dict[str, Job] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._running = ""
        self._turn = threading.Condition()
        self._ended = False
        for path in sorted(self.folder.glob("*.json")):
            try:
                job = Job(**json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue
            if job.state in ("runs", "waits"):  # the service was killed
                job.state = "stopped"
            self._jobs[job.id] = job
        threading.Thread(target=self._work, daemon=True, name="sigsimnet-jobs").start()

    def start(self, command: str, arguments: Sequence[str]) -> Job:
        """Put a command into the queue.

        Raises
        ------
        ParameterError
            If it is not one of those that may be started.
        """
        if command not in COMMANDS:
            raise ParameterError(f"{command!r} cannot be started here (can be: {', '.join(COMMANDS)})")
        job = Job(secrets.token_hex(6), command, list(arguments), "waits")
        with self._turn:
            self._keep(job)  # where the root cannot be written nothing is begun
            self._jobs[job.id] = job
            self._turn.notify_all()
        return job

    def again(self, name: str) -> Job:
        """Go on with a job that was stopped: the same command, which finds what is there."""
        job = self[name]
        if job.state not in ("stopped", "failed"):
            raise ParameterError(f"job {name} {job.state}: only one that was stopped or failed can be gone on with")
        with self._turn:
            job.state, job.code, job.ended = "waits", None, 0.0
            self._keep(job)
            self._turn.notify_all()
        return job

    def stop(self, name: str) -> Job:
        """Stop a job as Ctrl-C does; after 20 s it is killed."""
        job = self[name]
        with self._turn:
            if job.state == "waits":
                job.state = "stopped"
                self._keep(job)
            elif job.state == "runs" and self._running == name and self._process is not None:
                process = self._process
                process.send_signal(signal.SIGINT)
                threading.Thread(target=_end, args=(process,), daemon=True).start()
        return job

    def __getitem__(self, name: str) -> Job:
        if name not in self._jobs:
            raise ParameterError("no such job")
        return self._jobs[name]

    def listed(self) -> list[dict[str, Any]]:
        """Return all jobs, the newest first."""
        return [self.shown(job) for job in sorted(self._jobs.values(), key=lambda job: -(job.began or time.time()))]

    def shown(self, job: Job) -> dict[str, Any]:
        """Return what is known of a job, how far it is, and the end of what it says."""
        try:
            text = (self.folder / f"{job.id}.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        lines = text.splitlines()
        curve = [
            {"epoch": int(epoch), "loss": float(loss), "eer": float(rate) if rate else None}
            for epoch, loss, rate in _EPOCH.findall(text)
        ]
        found = next((hit for line in reversed(lines) if (hit := re.search(r"(\d+) of (\d+)", line))), None)
        part = int(found.group(1)) / max(int(found.group(2)), 1) if found else None
        return {
            **asdict(job),
            "line": job.line,
            "progress": 1.0 if job.state == "done" else part,
            "log": lines[-_TAIL:],
            "curve": curve,
        }

    def close(self) -> None:
        """Stop what runs; it can be gone on with."""
        with self._turn:
            self._ended = True
            process = self._process
            self._turn.notify_all()
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            _end(process)

    def _work(self) -> None:
        while True:
            with self._turn:
                waiting = [job for job in self._jobs.values() if job.state == "waits"]
                if self._ended:
                    return
                if not waiting:
                    self._turn.wait(5.0)
                    continue
                job = waiting[0]
                job.state, job.began = "runs", time.time()
                self._keep(job)
                self._running = job.id
                log = (self.folder / f"{job.id}.log").open("wb")
                command = [sys.executable, "-m", "sigsimnet.app._attached", *job.command.split(), *job.arguments]
                self._process = subprocess.Popen(  # noqa: S603 - our own program; arguments were checked
                    command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=self.root,
                    env=os.environ | {"COLUMNS": "120", "PYTHONUNBUFFERED": "1"},
                )  # fmt: skip
            code = self._process.wait()
            log.close()
            if self._process.stdin is not None:
                self._process.stdin.close()
            with self._turn:
                job.code, job.ended = code, time.time()
                job.state = "done" if code == 0 else "stopped" if code in (130, -2, -9) else "failed"
                self._keep(job)
                self._process, self._running = None, ""

    def _keep(self, job: Job) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_whole(self.folder / f"{job.id}.json") as temporary:
            temporary.write_text(json.dumps(asdict(job)), encoding="utf-8")
