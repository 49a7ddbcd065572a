"""Who is simulated: leads, activities, and what stays the same in a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACTIVITIES", "LEADS", "Activity", "Floats", "Person", "rng_of", "scaled"]

Floats = NDArray[np.float64]

# Dower's matrix from the heart vector (x to the left, y to the feet, z to the back) to the independent leads, as in
# Sameni 2007; the other limb leads follow from I and II by Einthoven's and Goldberger's sums.
_I, _II = np.array([0.632, -0.235, 0.059]), np.array([0.235, 1.066, -0.132])
LEADS: dict[str, Floats] = {
    "I": _I,
    "II": _II,
    "III": _II - _I,
    "aVR": -(_I + _II) / 2,
    "aVL": _I - _II / 2,
    "aVF": _II - _I / 2,
    "V1": np.array([-0.515, 0.157, -0.917]),
    "V2": np.array([0.044, 0.164, -1.387]),
    "V3": np.array([0.882, 0.098, -1.277]),
    "V4": np.array([1.213, 0.127, -0.601]),
    "V5": np.array([1.125, 0.127, -0.086]),
    "V6": np.array([0.831, 0.076, 0.230]),
}
"""Names of the leads that can be simulated, with their directions in the body."""

# Heart vector of each wave, mV, and the spread of its direction and size between people (before the person's gain).
# The means give amplitudes of a usual adult ECG (lead I: P 0.07, Q -0.1, R 0.6, S -0.15, T 0.17 mV); the spreads were
# set so that mean beats of two people correlate as they do in ECG-ID (see docs of `simulate`).
_WAVES: dict[str, tuple[tuple[float, float, float], float]] = {
    "P": ((0.16, 0.14, -0.02), 0.035),
    "Q": ((-0.14, -0.06, -0.24), 0.055),
    "R": ((1.20, 0.65, 0.20), 0.16),
    "S": ((-0.28, 0.04, 0.34), 0.10),
    "T": ((0.40, 0.28, -0.20), 0.07),
}


@dataclass(frozen=True)
class Activity:
    """How an activity changes heart, breath and noise."""

    heart_rate: float  # added to that of rest, 1/min
    heart_rate_spread: float
    rr_deviation: float  # factor on the person's SD of RR
    breath: float  # 1/s
    muscle: float  # RMS, mV
    motion: float  # RMS, mV
    cadence: float  # steps, 1/s


ACTIVITIES: dict[str, Activity] = {
    "rest": Activity(0.0, 0.0, 1.0, 0.25, 0.015, 0.03, 0.0),
    "walking": Activity(28.0, 5.0, 0.6, 0.35, 0.030, 0.08, 1.9),
    "running": Activity(78.0, 8.0, 0.2, 0.55, 0.060, 0.14, 2.7),
}
"""Names of the activities that can be simulated, with what they change."""


@dataclass(frozen=True)
class Person:
    """What stays the same in one simulated person.

    Attributes
    ----------
    subject : int
        Number of the person, from 1.
    vectors : dict of str to ndarray, shape (3,)
        Heart vector at the top of each wave (``P``, ``Q``, ``R``, ``S``, ``T``), in mV.
    pr, qrs, qtc, p_duration, t_fall : float
        PR interval, QRS duration, QT interval at a heart rate of 60/min, length of P, and time from the top to the end
        of T, in s.
    heart_rate : float
        At rest, 1/min.
    rr_deviation : float
        Standard deviation of the RR intervals at rest, in s.
    lf_hf : float
        Power at 0.1 Hz (Mayer waves) divided by power at the rate of breathing.

    Examples
    --------
    >>> Person.draw(3, seed=0) == Person.draw(3, seed=0)
    True
    >>> 0.12 <= Person.draw(3).pr <= 0.20
    True
    """

    subject: int
    vectors: dict[str, tuple[float, float, float]]
    pr: float
    qrs: float
    qtc: float
    p_duration: float
    t_fall: float
    heart_rate: float
    rr_deviation: float
    lf_hf: float

    @classmethod
    def draw(cls, subject: int, seed: int = 0) -> Person:
        """Return the person with this number: the same one for the same seed, however many people are asked for.

        Means and ranges are those of healthy adults: PR 120–200 ms, QRS 80–110 ms, QTc 360–440 ms (Mason 2007,
        doi:10.1016/j.jelectrocard.2006.09.003), heart rate 50–95/min and SDNN 20–70 ms over short records (Task Force
        1996, doi:10.1161/01.CIR.93.5.1043; the longer end of QTc is left out).
        """
        rng = rng_of(seed, subject)

        def value(mean: float, spread: float, low: float, high: float) -> float:
            return float(np.clip(rng.normal(mean, spread), low, high))

        gain = np.exp(rng.normal(0.0, 0.15))
        vectors = {
            name: np.asarray(mean) * np.exp(rng.normal(0.0, 0.12)) + rng.normal(0.0, spread, 3)
            for name, (mean, spread) in _WAVES.items()
        }
        # Lead I must show an upright R: no axis deviation to the right.
        r = vectors["R"]
        r[0] = max(r[0], 0.8)
        r[1] = np.clip(r[1], 0.0, 0.8 * r[0])
        return cls(
            subject=subject,
            vectors={name: (float(v[0]), float(v[1]), float(v[2])) for name, v in scaled(vectors, gain).items()},
            pr=value(0.155, 0.016, 0.12, 0.20),
            qrs=value(0.093, 0.007, 0.08, 0.11),
            qtc=value(0.402, 0.016, 0.36, 0.44),
            p_duration=value(0.100, 0.009, 0.08, 0.12),
            t_fall=value(0.085, 0.010, 0.065, 0.11),
            heart_rate=value(68.0, 8.0, 50.0, 95.0),
            rr_deviation=value(0.042, 0.012, 0.02, 0.07),
            lf_hf=float(np.exp(rng.normal(0.0, 0.4))),
        )


def rng_of(seed: int, *key: int) -> np.random.Generator:
    """Return the generator of a person, session or recording."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def scaled(vectors: dict[str, Floats], gain: float) -> dict[str, Floats]:
    """Return the vectors times a gain."""
    return {name: vector * gain for name, vector in vectors.items()}
