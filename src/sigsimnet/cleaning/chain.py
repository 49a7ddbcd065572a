"""Chains of cleaning steps: named, saved as JSON, applied to a whole recording, with a log of what each did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.files import write_whole
from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.text import reason_of, shorten_list
from sigsimnet.channels import by_modality
from sigsimnet.cleaning.steps import STEPS, Bandpass, Gaps, Mains, Notch, Outliers, PacketSteps, Step, StepLog
from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PRESETS", "Chain", "Cleaned", "preset", "preset_for"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What a chain made of a recording.

    Attributes
    ----------
    recording : Recording
    invented : ndarray of bool, shape (n_channels, n_samples)
        Samples that no instrument recorded: interpolated gaps and outliers.
    log : tuple of StepLog
    mains : float or None
        Mains frequency that was found or given, in Hz, 0 for none; None when the chain has no such step.

    Examples
    --------
    >>> cleaned = Chain([Gaps()]).apply(Recording([1, float("nan"), 3], 10))
    >>> cleaned.recording.data.tolist(), cleaned.invented.tolist(), cleaned.log[0].note
    ([[1.0, 2.0, 3.0]], [[False, True, False]], 'bridged 1 samples, 0 stay missing')
    """

    recording: Recording
    invented: Mask
    log: tuple[StepLog, ...]
    mains: float | None = None

    def to_dataframe(self) -> pd.DataFrame:
        """Return the log: one row a step, ``step, settings, note``.

        Examples
        --------
        >>> Chain([Gaps()]).apply(Recording([1, float("nan"), 3], 10)).to_dataframe()["step"].tolist()
        ['gaps']
        """
        import pandas as pd

        return pd.DataFrame(
            [(entry.name, dict(entry.settings), entry.note) for entry in self.log], columns=["step", "settings", "note"]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the log and how many samples of each channel were invented, in the types that JSON knows; no samples.

        Examples
        --------
        >>> Chain([Gaps()]).apply(Recording([1, float("nan"), 3], 10)).to_dict()["invented_samples"]
        {'ch1': 1}
        """
        invented = zip(self.recording.channel_names, self.invented.sum(axis=1).tolist(), strict=True)
        values = {
            "steps": [{"step": entry.name, "settings": entry.settings, "note": entry.note} for entry in self.log],
            "invented_samples": dict(invented),
            "mains": self.mains,
        }
        return {key: to_jsonable(value) for key, value in values.items()}


@dataclass(frozen=True)
class Chain:
    """Steps, one after another.

    Parameters
    ----------
    steps : sequence of Step
    modality : str, optional
        Modality that it was made for.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> chain = Chain([Gaps(), Bandpass(0.5, 40)])
    >>> [entry.name for entry in chain.apply(simulate(1, 1, duration=5, seed=1)[0]).log]
    ['gaps', 'bandpass']
    >>> Chain.from_dict(chain.to_dict()) == chain
    True
    """

    steps: tuple[Step, ...] = field(default_factory=tuple)
    modality: str = ""

    def __init__(self, steps: Iterable[Step], modality: str = "") -> None:
        object.__setattr__(self, "steps", tuple(steps))
        object.__setattr__(self, "modality", modality)

    def apply(self, recording: Recording, *, mains: float | None = None) -> Cleaned:
        """Return the recording after all steps; each sees what the one before it made.

        Parameters
        ----------
        recording : Recording
        mains : float, optional
            Mains frequency in Hz, 0 for none, where it was found before (`find_mains`).

        Raises
        ------
        ParameterError
            If a setting does not fit the sampling rate.
        """
        invented = np.zeros(recording.data.shape, dtype=bool)
        log = []
        for step in self.steps:
            if isinstance(step, Mains):
                mains = step.frequency_in(recording) if mains is None else mains
                recording, new, note = step.apply(recording, mains)
            else:
                recording, new, note = step.apply(recording)
            if new is not None:
                invented |= new
            log.append(StepLog(step.name, asdict(step), note))  # type: ignore[call-overload]
        return Cleaned(recording, invented & ~np.isnan(recording.data), tuple(log), mains)

    def causal(self) -> Chain:
        """Return the chain with filters that run forwards only, as on a device: with a delay, without later samples.

        Steps that need later samples (gaps, outliers, steps, mains, baseline, wavelet, savgol, average) are not
        changed; `Chain.looks_ahead` names them.

        Examples
        --------
        >>> Chain([Gaps(), Bandpass(0.5, 40)]).causal().steps[1].causal
        True
        """
        return Chain(
            (replace(step, causal=True) if isinstance(step, (Bandpass, Notch)) else step for step in self.steps),
            self.modality,
        )

    @property
    def looks_ahead(self) -> tuple[str, ...]:
        """Names of the steps that need later samples, each once.

        Examples
        --------
        >>> preset("ppg").causal().looks_ahead
        ('gaps', 'outliers')
        """
        names = (step.name for step in self.steps if not getattr(step, "causal", False))
        return tuple(dict.fromkeys(names))

    def to_dict(self) -> dict[str, Any]:
        """Return names and settings, for JSON."""
        return {
            "modality": self.modality,
            "steps": [{"step": step.name, **asdict(step)} for step in self.steps],  # type: ignore[call-overload]
        }

    def save(self, path: str | Path) -> None:
        """Write the chain as JSON, whole or not at all.

        Raises
        ------
        WriteError
            If the folder is not there or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "mine.json"
        >>> preset("ppg").save(path)
        >>> Chain.load(path) == preset("ppg")
        True
        """
        with write_whole(path) as temporary:
            temporary.write_text(json.dumps(self.to_dict(), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Chain:
        """Read a chain from JSON: what `save` wrote, or the log of a cleaning.

        Raises
        ------
        ReadError
            If it cannot be read or holds no chain.
        ParameterError
            If a step or a setting is unknown.
        """
        try:
            values = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ReadError(f"{path}: not a JSON file that can be read ({reason_of(error)})") from error
        if not isinstance(values, dict) or not isinstance(values.get("steps"), list):
            raise ReadError(f"{path}: holds no chain (a list 'steps')")
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Chain:
        """Return the chain that `to_dict` described.

        Raises
        ------
        ParameterError
            If a step or a setting is unknown.
        """
        steps = []
        listed = values.get("steps", ()) if isinstance(values, Mapping) else None
        if not isinstance(listed, list | tuple):
            raise ParameterError("a chain is a mapping with a list 'steps'")
        for item in listed:
            try:
                settings = {key: value for key, value in item.items() if key != "step"}
                steps.append(STEPS.get(item["step"])(**settings))
            except (KeyError, TypeError, AttributeError) as error:
                raise ParameterError(f"not a step of a chain: {item!r} ({reason_of(error)})") from error
        return cls(steps, str(values.get("modality", "")))


PRESETS: dict[str, Chain] = {
    # 0.5–40 Hz: monitoring (Kligfield et al. 2007, doi:10.1161/CIRCULATIONAHA.106.180200), 3 dB down at 40 Hz after
    # both passes. The flank is steep to preserve narrow QRS complexes: those of the article lose 3 % of their height,
    # with a second-order filter 7 %. Packets are joined where the reader found packets.
    "ecg": Chain(
        [Gaps(), PacketSteps(packets_only=True), Outliers(), Mains(), Bandpass(0.5, None), Bandpass(None, 45.0, 4)],
        "ecg",
    ),
    # 0.05–150 Hz: for ST segments and late potentials, by the same recommendation; hum lies inside the band, and is
    # subtracted.
    "ecg_diagnostic": Chain(
        [Gaps(), PacketSteps(packets_only=True), Outliers(), Mains(), Bandpass(0.05, 150.0)], "ecg"
    ),
    # 0.5–40 Hz: the classical rhythms δ to β (Niedermeyer's Electroencephalography, 7th ed. 2018).
    "eeg": Chain([Gaps(), Outliers("rolling", 12.0), Mains(), Bandpass(0.5, 40.0)], "eeg"),
    # 20–450 Hz: De Luca et al. 2010, doi:10.1016/j.jbiomech.2010.01.027 (20 Hz against movement); SENIAM.
    "emg": Chain([Gaps(), Outliers("beat", 4.0), Mains(harmonics=5), Bandpass(20.0, 450.0, 4)], "emg"),
    # 0.1–30 Hz: the ISCEV standard for clinical EOG (Constable et al. 2017, doi:10.1007/s10633-017-9573-2).
    "eog": Chain([Gaps(), Mains(), Bandpass(0.1, 30.0)], "eog"),
    # 0.5–8 Hz: Elgendi et al. 2013, doi:10.1371/journal.pone.0076585.
    "ppg": Chain([Gaps(), Outliers("beat", 4.0), Bandpass(0.5, 8.0)], "ppg"),
    # 0.05–3 Hz, 3 to 180 breaths a minute: Khodadad et al. 2018, doi:10.1088/1361-6579/aad7e6.
    "resp": Chain([Gaps(max_gap=0.5), Bandpass(0.05, 3.0)], "resp"),
}


def preset(name: str) -> Chain:
    """Return the chain of a modality.

    Raises
    ------
    ParameterError
        If there is none of this name.

    Examples
    --------
    >>> [step.name for step in preset("ecg").steps]
    ['gaps', 'steps', 'outliers', 'mains', 'bandpass', 'bandpass']
    """
    if name not in PRESETS:
        raise ParameterError(f"unknown preset {name!r} (known: {', '.join(PRESETS)})")
    return PRESETS[name]


def preset_for(recording: Recording, modality: str | None = None) -> str:
    """Return the preset of the channels, by their names; of an ECG where no name tells.

    Raises
    ------
    ParameterError
        If they are of several kinds, or of one that no preset cleans.

    Examples
    --------
    >>> preset_for(Recording([[0.0, 1.0], [0.0, 1.0]], 100, channel_names=["EEG Fz", "EEG Cz"]))
    'eeg'
    """
    kinds = by_modality(recording, modality)
    if len(kinds) > 1:
        said = "; ".join(f"{kind or 'unknown'}: {shorten_list(names, 1)}" for kind, names in kinds.items())
        raise ParameterError(f"channels of several kinds ({said}): name --channels of one kind, or --preset for all")
    kind = next(iter(kinds)) or "ecg"
    if kind not in PRESETS:
        raise ParameterError(f"no preset cleans {kind} channels: name --steps, or one of {', '.join(PRESETS)}")
    return kind
