"""Names and units of the columns of a text, from its headings, its header block and what is known of its device."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigsimnet.io.formats._text_cells import kind_of
from sigsimnet.io.units import split_heading

if TYPE_CHECKING:
    from sigsimnet.io.formats._text_facts import Facts
    from sigsimnet.io.formats._text_head import Head

__all__ = ["names_and_units"]

_NUMBERED = re.compile(r"^(ch|channel|kanal|voie)?\s*\d+$", re.IGNORECASE)


def names_and_units(head: Head, facts: Facts, file_name: str = "") -> tuple[list[str] | None, dict[str, str]]:
    r"""Return the names of all columns, None where nothing states them, and units by name.

    Parameters
    ----------
    head : Head
        Where the table begins.
    facts : Facts
        What the header block says.
    file_name : str
        For devices whose files say what they hold by their names alone.

    Examples
    --------
    >>> from sigsimnet.io.formats._text_facts import facts_of
    >>> from sigsimnet.io.formats._text_head import read_head
    >>> text = "ChannelTitle=\tECG\tResp\nRange=\t2 mV\t10 V\nInterval=\t0.5 s\n0\t1.5\t2\n0.5\t1.6\t3\n"
    >>> head = read_head(text, "a.txt")
    >>> names_and_units(head, facts_of(head.block, head.device))
    (['time (s)', 'ECG', 'Resp'], {'ECG': 'mV', 'Resp': 'V'})
    """
    n = head.n_columns
    names = head.names
    if len(facts.names) == 1 and len(facts.names[0].split()) in {n, n - 1} and n > 2:
        facts.names = facts.names[0].split()
    stated = facts.columns if len(facts.columns) in {n, n - 1} else []
    if stated:
        names = [*stated, *[""] * (n - len(stated))]
    elif facts.names and names is None:
        names = _beside_time(facts.names, n, head)
    elif facts.names and names is not None:
        names = _renamed(names, facts.names)
    elif names is None and head.device is not None and head.device.layout:
        names = _by_layout(head.device.layout, head)
    elif names is None and head.device is not None and (rule := head.device.file_rule(file_name)) is not None:
        found = rule.role.split(", ")
        names = found if len(found) == n else None
        if names is not None and rule.unit:
            return names, dict.fromkeys(names, rule.unit)
    units = dict(zip(facts.names, facts.units, strict=False)) if facts.units else {}
    if names is None:
        return None, {"ch1": facts.unit} if facts.unit and n == 1 else {}
    if facts.unit:
        units.update(dict.fromkeys((name for name in names if name and name not in units), facts.unit))
    if head.device is not None:
        for name in names:
            plain, unit = split_heading(name)
            rule = head.device.rule_of(plain)
            if rule is not None and rule.unit and not unit and plain not in units:
                units[plain] = rule.unit
    return names, units


def _beside_time(names: list[str], n_columns: int, head: Head) -> list[str] | None:
    """Put names of channels beside a first column of time, where there is one column more."""
    if len(names) == n_columns:
        return list(names)
    if len(names) < n_columns <= len(names) + 2:
        first = [row[0] for row in head.sniffed if row]
        stamps = sum(kind_of(cell) in {"number", "stamp"} for cell in first) > 0.9 * len(first)
        if stamps and len(names) < n_columns:
            text = any(kind_of(cell) == "stamp" for cell in first)
            return ["time" if text else "time (s)", *names, *[""] * (n_columns - len(names) - 1)]
    return None


def _renamed(names: list[str], channels: list[str]) -> list[str]:
    """Replace headings that only number the channels (``CH1``) by their names."""
    numbered = [position for position, name in enumerate(names) if _NUMBERED.match(name)]
    if len(numbered) != len(channels):
        return names
    renamed = list(names)
    for position, channel in zip(numbered, channels, strict=True):
        renamed[position] = channel
    return renamed


def _by_layout(layout: tuple[str, ...], head: Head) -> list[str] | None:
    """Name columns by their position, as many of the starred one as there are."""
    first = next((row for row in head.sniffed if len(row) == head.n_columns), [])
    times = 0
    for cell in reversed(first):
        if kind_of(cell) != "stamp" and not re.fullmatch(r"\d{10}(\.\d*)?|\d{13}", cell):
            break
        times += 1
    many = head.n_columns - times - (len(layout) - 1)
    if many < 1:
        return None
    names: list[str] = []
    for name in layout:
        names += [name.replace("*", str(i)) for i in range(many)] if "*" in name else [name]
    return names + [f"Timestamp {i + 1}" if i else "Timestamp" for i in range(times)]
