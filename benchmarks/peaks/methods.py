"""The detectors that are compared: ours, and those of other libraries, which are installed for the benchmark only."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np

Detector = Callable[[np.ndarray, float], np.ndarray]

PEERS = ("neurokit2", "py-ecg-detectors", "sleepecg", "heartpy", "wfdb")
# NeuroKit2's methods that run without a further library; ssf needs a scale in mV that cleaning takes away.
NEUROKIT = (
    "neurokit", "pantompkins1985", "nabian2018", "gamboa2008", "zong2003", "hamilton2002", "christov2004",
    "engzeemod2012", "elgendi2010", "kalidas2017", "martinez2004", "rodrigues2021", "promac", "khamis2016",
    "manikandan2012", "asi",
)  # fmt: skip
# Ten seconds of CPU and more for half an hour of ECG, and behind without noise: left out of the runs with noise.
SLOW = (
    "neurokit2 promac", "neurokit2 christov2004", "neurokit2 zong2003", "neurokit2 engzeemod2012",
    "py-ecg-detectors christov", "py-ecg-detectors wqrs", "py-ecg-detectors engzee",
)  # fmt: skip
PY_ECG = ("pan_tompkins", "hamilton", "christov", "engzee", "swt", "two_average", "matched_filter", "wqrs")
# What is the same algorithm elsewhere.
NAMESAKES = {
    "pan_tompkins": ("py-ecg-detectors pan_tompkins", "neurokit2 pantompkins1985"),
    "hamilton": ("py-ecg-detectors hamilton", "neurokit2 hamilton2002"),
    "christov": ("py-ecg-detectors christov", "neurokit2 christov2004"),
    "engzee": ("py-ecg-detectors engzee", "neurokit2 engzeemod2012"),
    "swt": ("py-ecg-detectors swt", "neurokit2 kalidas2017"),
    "two_average": ("py-ecg-detectors two_average", "neurokit2 elgendi2010"),
    "matched_filter": ("py-ecg-detectors matched_filter",),
    "wqrs": ("py-ecg-detectors wqrs", "neurokit2 zong2003"),
}


def ours() -> dict[str, Detector]:
    from sigsimnet.peaks import DETECTORS, detect_peaks

    return {
        f"sigsimnet {name}": lambda x, rate, name=name: detect_peaks(x, rate, method=name).samples for name in DETECTORS
    }


def peers() -> dict[str, Detector]:
    """Return the methods of the peers that are installed."""
    found: dict[str, Detector] = {}
    if _installed("sleepecg"):
        import sleepecg

        found["sleepecg C"] = sleepecg.detect_heartbeats
    if _installed("neurokit2"):
        import neurokit2

        for name in NEUROKIT:
            found[f"neurokit2 {name}"] = lambda x, rate, name=name: neurokit2.ecg_findpeaks(
                _cleaned_for(x, rate, name), rate, method=name
            )["ECG_R_Peaks"]
    if _installed("py-ecg-detectors"):
        from ecgdetectors import Detectors

        for name in PY_ECG:
            found[f"py-ecg-detectors {name}"] = lambda x, rate, name=name: getattr(
                Detectors(round(rate)), f"{name}_detector"
            )(x)
    if _installed("wfdb"):
        from wfdb import processing

        found["wfdb xqrs"] = lambda x, rate: processing.xqrs_detect(x, rate, verbose=False)
        found["wfdb gqrs"] = lambda x, rate: processing.gqrs_detect(x, fs=rate)
    if _installed("heartpy"):
        import heartpy

        found["heartpy"] = lambda x, rate: heartpy.process(x, rate)[0]["peaklist"]
    return found


def _cleaned_for(x: np.ndarray, rate: float, name: str) -> np.ndarray:
    """Return a signal behind NeuroKit2's own cleaner for a method, its default one where it has none for it."""
    import neurokit2

    try:
        return neurokit2.ecg_clean(x, rate, method=name)
    except ValueError:
        return neurokit2.ecg_clean(x, rate, method="neurokit")


def versions() -> dict[str, str]:
    return {name: version(name) for name in (*PEERS, "numpy", "scipy", "numba") if _installed(name)}


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
