"""Descriptions of devices and programs: read from the TOML files beside this module when they are first needed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ColumnRule", "Device", "devices", "header_words", "recognise"]

ROLES = ("signal", "motion", "derived", "counter", "status", "digital", "time", "event")
_WORDS = "words.toml"


@dataclass(frozen=True)
class ColumnRule:
    """What columns of one kind are.

    Attributes
    ----------
    match : pattern
        Searched in the heading; the first rule that fits counts.
    role : str
        ``signal``, ``motion`` (accelerometer, gyroscope), ``derived`` (band powers), ``counter``, ``status``,
        ``digital``, ``time`` or ``event``. Counters, status and digital lines are no signals.
    unit : str
        Where the heading names none.
    """

    match: re.Pattern[str]
    role: str
    unit: str = ""


@dataclass(frozen=True)
class Device:
    """A device or program, as its description says.

    Attributes
    ----------
    name : str
        For people.
    kind : str
        ``device`` or ``program``: the key of `Recording.metadata` under which the name is kept.
    signs : tuple of pattern
        The first lines of a file must match all of them.
    words : mapping of str to tuple of pattern
        Keys of header lines that state ``rate``, ``interval``, ``start``, ``unit``, ``units``, ``names``, ``lead``,
        besides those of every header (`header_words`).
    columns : tuple of ColumnRule
        What its columns are.
    strip : pattern or None
        Part of headings that says nothing.
    layout : tuple of str
        Names of columns without headings, by position: one of them ends in ``*`` and stands for as many as there are.
    one_column : bool
        Whether samples stand in one column, so that a comma in them is a decimal comma.
    rows : tuple of str
        What the first rows of numbers are: ``start``, ``rate``.
    skip : pattern or None
        A line of numbers between headings and samples that are no samples.
    block : pattern or None
        First line of each block, where a file holds several.
    notes : pattern or None
        How cells of text begin that follow the samples of a row, where somebody made a note.
    channel_lines : pattern or None
        Line after which name and unit of each channel follow, one a line.
    files : tuple of ColumnRule
        What the channels are by the name of the file, where nothing else says it; the role is their name.
    epoch : datetime or None
        What whole numbers of time count from.
    refuse : str
        Why a file is no signal, such as a list of intervals; empty for signals.
    """

    name: str
    kind: str
    signs: tuple[re.Pattern[str], ...]
    words: dict[str, tuple[re.Pattern[str], ...]]
    columns: tuple[ColumnRule, ...] = ()
    strip: re.Pattern[str] | None = None
    layout: tuple[str, ...] = ()
    one_column: bool = False
    rows: tuple[str, ...] = ()
    skip: re.Pattern[str] | None = None
    block: re.Pattern[str] | None = None
    notes: re.Pattern[str] | None = None
    channel_lines: re.Pattern[str] | None = None
    files: tuple[ColumnRule, ...] = ()
    epoch: datetime | None = None
    refuse: str = ""

    def rule_of(self, heading: str) -> ColumnRule | None:
        """Return the rule for a column, None when no rule fits.

        Examples
        --------
        >>> recognise(["TimeStamp,RAW_TP9,HSI_TP9,Elements"]).rule_of("HSI_TP9").role
        'status'
        """
        return next((rule for rule in self.columns if rule.match.search(heading)), None)

    def file_rule(self, file_name: str) -> ColumnRule | None:
        """Return what the channels of a file are by its name.

        Examples
        --------
        >>> e4 = recognise(["1544027337.000000", "4.000000", "0.40"])
        >>> e4.file_rule("EDA.csv").unit
        'µS'
        """
        return next((rule for rule in self.files if rule.match.search(file_name)), None)

    def plain(self, heading: str) -> str:
        """Return a heading without what says nothing.

        Examples
        --------
        >>> recognise(["Shimmer_86A5_Timestamp_Unix_CAL"]).plain("Shimmer_86A5_ECG_LA-RA_24BIT_CAL")
        'ECG_LA-RA'
        """
        return (self.strip.sub("", heading).strip() if self.strip else heading) or heading


def recognise(head_lines: Sequence[str]) -> Device | None:
    r"""Return the device or program that wrote a table, None when it is not known.

    Parameters
    ----------
    head_lines : sequence of str
        First lines of the file, with some of its samples.

    Examples
    --------
    >>> recognise(["Interval=\t0.001 s", "ChannelTitle=\tECG", "Range=\t2.000 mV"]).name
    'LabChart'
    >>> recognise(["time,ECG", "0,1"]) is None
    True
    """
    text = "\n".join(head_lines)
    return next((device for device in devices() if all(sign.search(text) for sign in device.signs)), None)


@cache
def devices() -> tuple[Device, ...]:
    """Return all descriptions, in the order of their files' names.

    Examples
    --------
    >>> "Apple Health" in [device.name for device in devices()]
    True
    """
    folder = resources.files("sigsimnet.io.devices")
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml") and file.name != _WORDS),
        key=lambda file: file.name,
    )
    return tuple(_device(tomllib.loads(file.read_text(encoding="utf-8"))) for file in found)


@cache
def header_words() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Return the keys of header lines in all languages that are known: for ``rate``, ``start``, ``unit``, ….

    Examples
    --------
    >>> any(word.search("abtastrate") for word in header_words()["rate"])
    True
    """
    text = (resources.files("sigsimnet.io.devices") / _WORDS).read_text(encoding="utf-8")
    return _words(tomllib.loads(text))


def _device(about: dict[str, Any]) -> Device:
    epoch = about.get("epoch")
    return Device(
        name=about["name"],
        kind=about["kind"],
        signs=tuple(_pattern(sign) for sign in about["signs"]),
        words=_words(about.get("words", {})),
        columns=tuple(
            ColumnRule(_pattern(rule["match"]), _known_role(rule["role"], about), rule.get("unit", ""))
            for rule in about.get("column", ())
        ),
        strip=_optional(about.get("strip")),
        layout=tuple(about.get("layout", ())),
        one_column=about.get("one_column", False),
        rows=tuple(about.get("rows", ())),
        skip=_optional(about.get("skip")),
        block=_optional(about.get("block")),
        notes=_optional(about.get("notes")),
        channel_lines=_optional(about.get("channel_lines")),
        files=tuple(
            ColumnRule(_pattern(rule["match"]), rule["name"], rule.get("unit", "")) for rule in about.get("file", ())
        ),
        epoch=datetime.fromisoformat(epoch) if epoch else None,
        refuse=about.get("refuse", ""),
    )


def _known_role(role: str, about: dict[str, Any]) -> str:
    if role not in ROLES:
        raise ValueError(f"{about['name']}: {role!r} is no role of a column (known: {', '.join(ROLES)})")
    return role


def _words(about: dict[str, list[str]]) -> dict[str, tuple[re.Pattern[str], ...]]:
    return {what: tuple(_pattern(word) for word in words) for what, words in about.items()}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.MULTILINE)


def _optional(text: str | None) -> re.Pattern[str] | None:
    return _pattern(text) if text else None
