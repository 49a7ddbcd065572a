"""All commands in one application, and what happens when one fails."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from contextvars import copy_context
from typing import Annotated

import typer

from sigsimnet._utils.text import reason_of
from sigsimnet._utils.version import __version__
from sigsimnet.cli._align import align
from sigsimnet.cli._audit import audit
from sigsimnet.cli._change import change
from sigsimnet.cli._clean import clean
from sigsimnet.cli._compare import compare
from sigsimnet.cli._compare_many import compare_many
from sigsimnet.cli._convert import convert
from sigsimnet.cli._delineate import delineate
from sigsimnet.cli._demo import demo
from sigsimnet.cli._doctor import doctor
from sigsimnet.cli._evaluate import evaluate
from sigsimnet.cli._export import export
from sigsimnet.cli._forecast import forecast
from sigsimnet.cli._formats import formats
from sigsimnet.cli._groups import groups
from sigsimnet.cli._index import identify, index, search
from sigsimnet.cli._info import info
from sigsimnet.cli._output import speak_any_encoding
from sigsimnet.cli._peaks import peaks
from sigsimnet.cli._plot import plot
from sigsimnet.cli._profile import profile
from sigsimnet.cli._serve import serve
from sigsimnet.cli._train import train
from sigsimnet.cli._tune import tune
from sigsimnet.errors import SigSimNetError, WorkInterrupted

__all__ = ["app", "run"]

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
MAX_UNPACKED = "SIGSIMNET_MAX_UNPACKED"  # as in `sigsimnet.io`, whose import takes longer than --help may
STOPPED = "sigsimnet: stopped; nothing was written"

# typer brings a click of its own, or uses the one installed; either way this is click's UsageError.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="sigsimnet",
    help="How alike are two biomedical signals, where, and why?",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, show: bool) -> None:
    if show:
        typer.echo(f"sigsimnet {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[  # noqa: ARG001 - its callback has done all
        bool, typer.Option("--version", help="Print the version.", callback=lambda v: _version(show=v), is_eager=True)
    ] = False,
    max_unpacked: Annotated[
        str | None,
        typer.Option(
            "--max-unpacked",
            help="Largest size that a packed file may unpack to, such as 4GB. [50 times its own, and 128 MB at least]",
            envvar=MAX_UNPACKED,
        ),
    ] = None,
) -> None:
    if max_unpacked is not None:
        from sigsimnet.io._sizes import bytes_of

        os.environ[MAX_UNPACKED] = str(bytes_of(max_unpacked, "--max-unpacked"))


_LOOK = (info, formats, convert, profile, plot, clean, peaks, delineate)
_ASK = (compare, compare_many, change, audit, align, groups, search, identify, forecast)
for command in (*_LOOK, *_ASK, train, tune, evaluate, export, serve, doctor, demo):
    app.command()(command)
app.add_typer(index)


def _give_up_output() -> None:
    """Send what is still to be printed nowhere: Python would try again as it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        typer.echo(record.getMessage(), err=True)


def run() -> None:
    """Run a command; bad input becomes one sentence on standard error and exit code 2, never a traceback."""
    speak_any_encoding()
    if not sys.stderr.isatty():  # a log file shows no bars: long work says by lines how far it is
        log = logging.getLogger("sigsimnet")
        log.setLevel(logging.INFO)
        if not any(isinstance(handler, _Lines) for handler in log.handlers):
            log.addHandler(_Lines())
    try:
        code = copy_context().run(app, standalone_mode=False)
        if sys.stdout is not None:  # closed by a service manager
            sys.stdout.flush()  # a full disk behind `> file` shows here, or only when Python ends
        if code == EXIT_INTERRUPTED:  # typer makes this of Ctrl-C
            typer.echo(STOPPED, err=True)
        sys.exit(code)
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        said = " ".join(getattr(error, "format_message", error.__str__)().split())
        typer.echo(f"sigsimnet: {said} (see {context.command_path if context else 'sigsimnet'} --help)", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo(STOPPED, err=True)
        sys.exit(EXIT_INTERRUPTED)
    except SigSimNetError as error:
        typer.echo(f"sigsimnet: {error}", err=True)
        sys.exit(EXIT_INTERRUPTED if isinstance(error, WorkInterrupted) else EXIT_BAD_INPUT)
    except BrokenPipeError:
        # Whoever was reading has gone, as in `sigsimnet info FILE | head`.
        _give_up_output()
        sys.exit(0)
    except OSError as error:
        _give_up_output()
        where = error.filename or "standard output"
        typer.echo(f"sigsimnet: {where}: cannot be written or read ({reason_of(error)})", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except MemoryError:
        typer.echo("sigsimnet: not enough memory for this recording; read a part of it", err=True)
        sys.exit(EXIT_BAD_INPUT)
