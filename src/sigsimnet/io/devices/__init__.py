"""Devices and programs whose tables of text are known: one description file (TOML) each, see `docs/decisions/0012`."""

from __future__ import annotations

from sigsimnet.io.devices._device import ColumnRule, Device, devices, header_words, recognise

__all__ = ["ColumnRule", "Device", "devices", "header_words", "recognise"]
