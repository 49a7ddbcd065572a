"""``python -m sigsimnet`` and the ``sigsimnet`` command."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from sigsimnet.cli import run

    run()


if __name__ == "__main__":
    main()
