"""One computation at a time, in a process of its own, with limits of time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from sigsimnet.app._settings import Settings

__all__ = ["Refused", "Worker"]

MOST_WAITING = 300


class Refused(Exception):
    """A computation that gave no result, in one sentence.

    Attributes
    ----------
    status : int
        Of HTTP.
    title : str
    """

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title


class Worker:
    """A process that computes, replaced when it takes too long or dies.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    async def call(self, task: str, arguments: Mapping[str, Any]) -> Any:
        """Return what a function of `sigsimnet.app._tasks` returns.

        Raises
        ------
        Refused
            If the input is bad, the time or the memory does not do, or too many wait.
        """
        if self._waiting >= MOST_WAITING:
            raise Refused(503, "too many wait", f"{self._waiting} computations wait; try again later")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._ask, task, dict(arguments))
        finally:
            self._waiting -= 1

    def _ask(self, task: str, arguments: dict[str, Any]) -> Any:
        line = self._ready()
        try:
            line.send((task, arguments))
            if not line.poll(self.settings.seconds):
                self.close()
                raise Refused(
                    504, "took too long", f"the computation took more than {self.settings.seconds:g} s and was stopped"
                )
            status, found = line.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise Refused(
                500, "died", "the computation needed more memory than it may take, or its process died"
            ) from error
        if status != 200:
            raise Refused(status, *found)
        return found

    def _ready(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._line is None:
            self.close()
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            limits = (self.settings.most_memory, str(self.settings.work), str(self.settings.root))
            self._process = context.Process(target=_serve, args=(theirs, limits), daemon=True, name="sigsimnet-worker")
            self._process.start()
            theirs.close()
            self._line = ours
        return self._line

    def close(self) -> None:
        """Stop the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        if self._line is not None:
            self._line.close()
        self._process = self._line = None


def _serve(line: Connection, limits: tuple[int, str, str]) -> None:
    """Compute what is asked, until the line is cut."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server says when to stop
    most, work, root = limits
    if most:
        with contextlib.suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.chdir(root)
    from sigsimnet.app import _tasks
    from sigsimnet.errors import MissingExtraError, SigSimNetError

    while True:
        try:
            task, arguments = line.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[int, Any] = (200, _tasks.TASKS[task](work=work, **arguments))
        except MissingExtraError as error:
            answer = (501, ("not installed", str(error)))
        except SigSimNetError as error:
            answer = (422, ("bad input", str(error)))
        except MemoryError:
            answer = (507, ("too large", "the computation needs more memory than it may take"))
        except Exception as error:  # noqa: BLE001 - one request that fails must not end the service
            answer = (500, ("failed", f"{type(error).__name__}: {error}"))
        line.send(answer)
