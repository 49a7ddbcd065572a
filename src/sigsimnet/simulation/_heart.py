"""The beating heart: when it beats, and its vector over time."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation

from sigsimnet.simulation._noise import band
from sigsimnet.simulation._person import LEADS, Activity, Floats, Person, scaled

__all__ = ["RHYTHM_RATE", "heart_vector", "rhythm", "session_vectors"]

_T_EARLY = 0.35  # share of T that rises early: T climbs slowly and falls fast
RHYTHM_RATE = 8.0  # Hz; the rhythm holds nothing above 1 Hz


def rhythm(
    rng: np.random.Generator, person: Person, doing: Activity, heart_rate: float, duration: float
) -> tuple[Floats, Floats]:
    """Return R times in s (with one or two beats before and after) and breathing, SD 1, at `RHYTHM_RATE`."""
    lead_in = 2.0
    n = int((duration + 2 * lead_in) * RHYTHM_RATE) + 2
    # Two bands as in McSharry 2003: 0.1 ± 0.01 Hz, and breathing; RR shortens while breathing in.
    mayer = band(rng, n, RHYTHM_RATE, 0.1, 0.01)
    breath = band(rng, n, RHYTHM_RATE, doing.breath * np.exp(rng.normal(0.0, 0.1)), 0.015)
    share = person.lf_hf / (1 + person.lf_hf)
    deviation = person.rr_deviation * doing.rr_deviation
    mean_rr = 60.0 / np.clip(heart_rate, 40.0, 190.0)
    rr = mean_rr + deviation * (np.sqrt(share) * mayer - np.sqrt(1 - share) * breath)
    rr = np.clip(rr, 0.6 * mean_rr, 1.5 * mean_rr)
    phase = np.cumsum(1.0 / rr) / RHYTHM_RATE + rng.uniform()
    grid = np.arange(n) / RHYTHM_RATE - lead_in
    r_times = np.interp(np.arange(np.ceil(phase[0]), phase[-1]), phase, grid)
    return r_times, breath[int(lead_in * RHYTHM_RATE) :]


def session_vectors(rng: np.random.Generator, person: Person) -> dict[str, Floats]:
    """Return the heart vectors of a session: a turn of about 4°, a gain, and small changes of each wave."""
    turn = Rotation.from_rotvec(rng.normal(0.0, np.deg2rad(4.0), 3))
    gain = np.exp(rng.normal(0.0, 0.06))
    drawn = {name: turn.apply(np.asarray(v)) * np.exp(rng.normal(0.0, 0.06)) for name, v in person.vectors.items()}
    return scaled(drawn, gain)


def heart_vector(times: Floats, r_times: Floats, person: Person, vectors: dict[str, Floats]) -> Floats:
    """Return the heart vector in mV, shape (3, n_samples), with the top of R in lead I at ``r_times``."""
    qrs, half = person.qrs, person.qrs / 2
    p_sd, t_sd = person.p_duration / 4.5, person.t_fall / 2
    rr = np.diff(r_times, prepend=2 * r_times[0] - r_times[1])
    stretch = np.sqrt(uniform_filter1d(rr, 8, mode="nearest"))
    t_top = person.qtc - half - person.t_fall
    still = np.ones_like(stretch)
    waves = [  # vector, top in s from R, SD in s, stretch of each beat
        (vectors["P"], -half - person.pr + 2.25 * p_sd, p_sd, still),
        (vectors["Q"], -0.30 * qrs, 0.095 * qrs, still),
        (vectors["R"], 0.0, 0.115 * qrs, still),
        (vectors["S"], 0.30 * qrs, 0.100 * qrs, still),
        (_T_EARLY * vectors["T"], t_top - 0.055, 0.045, stretch),
        ((1 - _T_EARLY / 2) * vectors["T"], t_top, t_sd, stretch),
    ]
    # Q and S pull the top of R to one side: move all waves so that it stands at 0 in lead I.
    near = np.linspace(-0.02, 0.02, 401)
    top = sum(LEADS["I"] @ v * np.exp(-0.5 * ((near - at) / sd) ** 2) for v, at, sd, _ in waves[1:4])
    shift = near[int(np.argmax(top))]
    heart = np.zeros((3, len(times)))
    for vector, at, sd, scale in waves:
        tops = r_times + at * scale - shift
        # A wave ends long before the same wave of the next beat: each sample needs the nearest one only.
        nearest = np.searchsorted((tops[1:] + tops[:-1]) / 2, times)
        heart += vector[:, None] * np.exp(-0.5 * ((times - tops[nearest]) / (sd * scale[nearest])) ** 2)
    return heart
