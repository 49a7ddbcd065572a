"""``python -m sigsimnet`` and the ``sigsimnet`` command."""

from __future__ import annotations

import os

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    # PyTorch's threads spin while they wait for each other: on a machine that does something else, too, the demo took
    # 380 instead of 27 s. It must stand before PyTorch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from sigsimnet.cli import run

    run()


if __name__ == "__main__":
    main()
