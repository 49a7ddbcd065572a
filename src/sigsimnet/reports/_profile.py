"""The page of a profile: everything about one recording, in one file."""

from __future__ import annotations

import platform
import shlex
from pathlib import Path

import numpy as np

from sigsimnet._utils.version import __version__
from sigsimnet.analysis import Profile, quality_and_beats
from sigsimnet.plotting import interactive_html, interactive_script
from sigsimnet.recording import Recording
from sigsimnet.reports._page import Section, render_page, write_html, write_page
from sigsimnet.reports._profile_pictures import (
    beats_section,
    cleaning_section,
    rolling_section,
    spectrum_section,
    together_section,
)
from sigsimnet.reports._profile_tables import (
    channels_section,
    gaps_section,
    overview_section,
    quality_section,
    statistics_section,
)

__all__ = ["profile_html", "profile_page", "signals_page"]


def profile_page(found: Profile, path: str | Path, *, options: str = "") -> None:
    """Write a profile as one self-contained page, whole or not at all.

    Parameters
    ----------
    found : Profile
        From `sigsimnet.profile`.
    path : str or path
        Of the HTML file.
    options : str
        Options of the command line that the recording was read with, for "how to get this again".

    Raises
    ------
    MissingExtraError
        If Jinja2, matplotlib or Plotly is not installed.
    WriteError
        If the folder is not there or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import profile, simulate
    >>> path = Path(tempfile.mkdtemp()) / "profile.html"
    >>> profile_page(profile(simulate(1, 1, duration=20, seed=1)[0]), path)
    >>> "Quality by second" in path.read_text(encoding="utf-8")
    True
    """
    write_html(profile_html(found, options=options), path)


def profile_html(found: Profile, *, options: str = "") -> str:
    """Return a profile as one page that carries everything with it.

    Parameters
    ----------
    found : Profile
        From `sigsimnet.profile`.
    options : str
        Options of the command line that the recording was read with, for "how to get this again".

    Raises
    ------
    MissingExtraError
        If Jinja2, matplotlib or Plotly is not installed.

    Examples
    --------
    >>> from sigsimnet import profile, simulate
    >>> "Quality by second" in profile_html(profile(simulate(1, 1, duration=20, seed=1)[0]))
    True
    """
    head = interactive_script()
    r = found.recording
    name = Path(r.source).name or "a recording"
    lead = repr(found).strip("<>").replace("Profile ", "")
    sections = [
        overview_section(found),
        channels_section(found),
        Section("Signals", html=interactive_html(r, peaks=found.peaks, quality=found.quality)),
        gaps_section(found),
        quality_section(found),
        statistics_section(found),
        spectrum_section(found),
        rolling_section(found),
        together_section(found),
        beats_section(found),
        cleaning_section(found),
        _again(found, options),
    ]
    return render_page(f"Profile of {name}", [s for s in sections if s is not None], lead=lead, head=head)


def signals_page(
    recording: Recording, path: str | Path, *, modality: str | None = None, zero: float = 0.0
) -> tuple[str, ...]:
    """Write the signals alone, to move about in, as one self-contained page; return what there is to know of them.

    Parameters
    ----------
    recording : Recording
    path : str or path
        Of the HTML file.
    modality : str, optional
        What all channels are; by default inferred from their names.
    zero : float, default 0
        Time in s of the first sample: of a part of a recording, where it begins.

    Raises
    ------
    MissingExtraError, WriteError
        As `profile_page`.
    ParameterError
        If the modality is unknown.

    Examples
    --------
    >>> import tempfile
    >>> from sigsimnet import simulate
    >>> path = Path(tempfile.mkdtemp()) / "signals.html"
    >>> signals_page(simulate(1, 1, duration=20, seed=1)[0], path)
    ()
    >>> path.stat().st_size > 1_000_000  # Plotly is inside
    True
    """
    head = interactive_script()
    quality, peaks, notes = quality_and_beats(recording, modality=modality)
    know = tuple(dict.fromkeys([*recording.warnings, *notes]))
    part = Section("Signals", know, html=interactive_html(recording, peaks=peaks, quality=quality, zero=zero))
    name = Path(recording.source).name or "Signals"
    write_page(path, name, [part], lead=repr(recording).strip("<>"), head=head)
    return know


def _again(found: Profile, options: str) -> Section:
    r = found.recording
    name = r.source or "FILE"
    also = f" {options}" if options else ""
    cleanable = next(iter(found.cleaned), None)
    code = f"""\
sigsimnet profile "{name}"{also} -o profile.html   # this page; --json for the numbers
sigsimnet plot "{name}"{also} -o signals.html      # the signals alone; .png, .svg or .pdf for print
"""
    if cleanable:
        kept = " ".join(f"{key} {value}" for key, value in _pairs(options) if key != "--modality")
        if len(found.modalities) > 1 and "--channels" not in options:
            kept += f' --channels "{",".join(found.modalities[cleanable])}"'
        clean = f'sigsimnet clean "{name}" {kept}'.rstrip()
        code += f"{clean} -o clean.npz --preset {cleanable}   # and clean.npz.log.json with what was done\n"
    code += f"""
import sigsimnet as ssn
found = ssn.profile(ssn.read("{name}"))
found.statistics, found.quality, found.hrv
"""
    words = f"Made by sigsimnet {__version__} with Python {platform.python_version()} and NumPy {np.__version__}."
    return Section("How to get this again", (words,), code=code)


def _pairs(options: str) -> list[tuple[str, str]]:
    words = shlex.split(options)
    return [(key, shlex.quote(value)) for key, value in zip(words[::2], words[1::2], strict=True)]
