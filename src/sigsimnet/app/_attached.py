"""A command of `sigsimnet` that ends with the service that started it, however the service ends.

    python -m sigsimnet.app._attached train table.csv -o model

Standard input is a pipe that the service holds: where it closes, the command is stopped as by Ctrl-C, so that what it
has is kept and nothing else writes it at the same time; after 20 s it is ended.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading
import time

__all__ = ["main"]

_PATIENCE = 20.0  # s


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_PATIENCE)
    os._exit(130)


def main() -> None:
    """Run the command line, watched."""
    threading.Thread(target=_watch, daemon=True, name="sigsimnet-attached").start()
    runpy.run_module("sigsimnet", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
