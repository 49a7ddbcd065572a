"""Made-up people with made-up ECGs, for demonstrations and tests.

Each person has a stable shape of P, QRS and T (sums of Gaussians of a heart vector, projected on the leads), a heart
rate that varies with breathing and slower, sessions that differ a little, and activities that add motion and muscle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfftfreq
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation

from sigsimnet.errors import ParameterError
from sigsimnet.recording import Annotation, Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ACTIVITIES", "LEADS", "Person", "simulate", "simulate_one"]

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
_T_EARLY = 0.35  # share of T that rises early: T climbs slowly and falls fast


@dataclass(frozen=True)
class _Activity:
    """How an activity changes heart, breath and noise."""

    heart_rate: float  # added to that of rest, 1/min
    heart_rate_spread: float
    rr_deviation: float  # factor on the person's SD of RR
    breath: float  # 1/s
    muscle: float  # RMS, mV
    motion: float  # RMS, mV
    cadence: float  # steps, 1/s


ACTIVITIES: dict[str, _Activity] = {
    "rest": _Activity(0.0, 0.0, 1.0, 0.25, 0.015, 0.03, 0.0),
    "walking": _Activity(28.0, 5.0, 0.6, 0.35, 0.030, 0.08, 1.9),
    "running": _Activity(78.0, 8.0, 0.2, 0.55, 0.060, 0.14, 2.7),
}
"""Names of the activities that can be simulated, with what they change."""


@dataclass(frozen=True)
class Person:
    """What stays the same in one made-up person.

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
        1996, doi:10.1161/01.CIR.93.5.1043; the longer end of QTc is cut).
        """
        rng = _rng(seed, subject)

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
            vectors={name: (float(v[0]), float(v[1]), float(v[2])) for name, v in _scaled(vectors, gain).items()},
            pr=value(0.155, 0.016, 0.12, 0.20),
            qrs=value(0.093, 0.007, 0.08, 0.11),
            qtc=value(0.402, 0.016, 0.36, 0.44),
            p_duration=value(0.100, 0.009, 0.08, 0.12),
            t_fall=value(0.085, 0.010, 0.065, 0.11),
            heart_rate=value(68.0, 8.0, 50.0, 95.0),
            rr_deviation=value(0.042, 0.012, 0.02, 0.07),
            lf_hf=float(np.exp(rng.normal(0.0, 0.4))),
        )


def simulate(
    n_subjects: int = 12,
    n_sessions: int = 2,
    *,
    duration: float = 30.0,
    sampling_rate: float = 250.0,
    activities: Sequence[str] = ("rest",),
    leads: Sequence[str] = ("I",),
    noise: float = 1.0,
    seed: int = 0,
) -> list[Recording]:
    """Return made-up ECGs of made-up people: one recording for each person, session and activity.

    Parameters
    ----------
    n_subjects, n_sessions : int
        How many people, and sessions of each.
    duration : float
        Of each recording, in s.
    sampling_rate : float
        In Hz, at least 50.
    activities : sequence of str
        Some of ``"rest"``, ``"walking"``, ``"running"``.
    leads : sequence of str
        Some of ``I II III aVR aVL aVF V1 … V6``; each becomes a channel, in mV.
    noise : float
        Factor on baseline wander, 50 Hz hum, muscle, motion and sensor noise; 0 gives clean signals.
    seed : int
        The same seed gives the same recordings. Subject *i* is the same person whatever ``n_subjects`` is, and a
        recording does not depend on which others (leads, sessions, activities) are asked for with it.

    Returns
    -------
    list of Recording
        In order of subject, session, activity. ``metadata`` has ``subject`` (``"S01"``), ``session`` (1, 2, …) and
        ``label`` (the activity); annotations ``"N"`` mark the top of R in the clean lead I, to the nearest sample.
        Sessions are days apart.

    Raises
    ------
    ParameterError
        If a number is out of range, or a lead or activity is unknown.

    Notes
    -----
    After McSharry, Clifford, Tarassenko & Smith 2003 (doi:10.1109/TBME.2003.808805) and, for several leads, Sameni,
    Clifford, Jutten & Shamsollahi 2007 (doi:10.1155/2007/43407). Departures: the Gaussians stand in time around each R
    peak and are summed directly, where McSharry integrates three differential equations on the phase of the beat, so
    that P and QRS keep their widths while T moves and stretches with the square root of RR (Bazett 1920), averaged
    over 8 beats since QT follows the heart rate slowly; T is the sum of two Gaussians; R times come from integrating
    the instantaneous rate; the heart vector is turned a little in each session (posture, place of the electrodes).

    The people are *not* easily told apart: Pearson correlation of clean mean beats in lead I is mostly 0.8–0.98 between
    two people and 0.97–0.995 between two sessions of one. They are healthy adults with an upright R in lead I: no
    arrhythmia, no disease, no children. Figures on them say nothing about figures on real people.

    Examples
    --------
    >>> recordings = simulate(2, 1, duration=10, activities=("rest", "running"))
    >>> [recording.source for recording in recordings][:2]
    ['simulated S01 session 1 rest', 'simulated S01 session 1 running']
    >>> recordings[0]
    <Recording 1 channel × 10.0 s at 250 Hz: I (mV)>
    """
    for name, number in (("n_subjects", n_subjects), ("n_sessions", n_sessions)):
        _check_count(name, number)
    if not activities:
        raise ParameterError(f"no activity asked for (known: {', '.join(ACTIVITIES)})")
    return [
        simulate_one(
            subject,
            session,
            activity=activity,
            duration=duration,
            sampling_rate=sampling_rate,
            leads=leads,
            noise=noise,
            seed=seed,
        )
        for subject in range(1, n_subjects + 1)
        for session in range(1, n_sessions + 1)
        for activity in activities
    ]


def simulate_one(
    subject: int = 1,
    session: int = 1,
    *,
    activity: str = "rest",
    duration: float = 30.0,
    sampling_rate: float = 250.0,
    leads: Sequence[str] = ("I",),
    noise: float = 1.0,
    seed: int = 0,
) -> Recording:
    """Return one made-up ECG; see `simulate` for parameters, errors and sources.

    Parameters
    ----------
    subject, session : int
        Numbers of the person and of the session, from 1.
    activity : str
        ``"rest"``, ``"walking"`` or ``"running"``.
    duration, sampling_rate, leads, noise, seed
        As in `simulate`.

    Raises
    ------
    ParameterError
        As in `simulate`.

    Examples
    --------
    >>> recording = simulate_one(7, leads=("I", "V2"), noise=0)
    >>> recording.channel_names, recording.metadata["subject"], recording.annotations[0].label
    (('I', 'V2'), 'S07', 'N')
    """
    _check_count("subject", subject)
    _check_count("session", session)
    _check_signal(duration, sampling_rate, leads, activity, noise, seed)
    person, doing = Person.draw(subject, seed), ACTIVITIES[activity]
    n_samples = round(duration * sampling_rate)
    times = np.arange(n_samples) / sampling_rate
    record_key = (subject, session, 1 + list(ACTIVITIES).index(activity))

    session_rng, rng = _rng(seed, subject, session), _rng(seed, *record_key)
    heart_rate = person.heart_rate + session_rng.normal(0.0, 4.0)
    heart_rate += doing.heart_rate + doing.heart_rate_spread * rng.normal()
    r_times, breath = _rhythm(rng, person, doing, heart_rate, duration)
    vectors = _session_vectors(session_rng, person)
    beats = _heart_vector(times, r_times, person, vectors)
    # Breathing moves the heart against the electrodes: 3 % of amplitude (EDR, Moody 1985).
    breathing = np.interp(times, np.arange(len(breath)) / _RHYTHM_RATE, breath)
    beats *= 1 + 0.03 * breathing

    data = np.empty((len(leads), n_samples), dtype=np.float32)
    for row, lead in enumerate(leads):
        clean = LEADS[lead] @ beats
        lead_rng = _rng(seed, *record_key, 1 + list(LEADS).index(lead))
        data[row] = clean + noise * _noise(lead_rng, doing, breathing, sampling_rate) if noise else clean
    marks = np.rint(r_times * sampling_rate).astype(int)
    name = f"S{subject:02d}"
    return Recording(
        data,
        sampling_rate,
        channel_names=list(leads),
        units="mV",
        start_time=datetime.fromisoformat("2024-01-01T09:00:00")
        + timedelta(days=7 * (session - 1), minutes=15 * (record_key[2] - 1)),
        metadata={"subject": name, "session": session, "label": activity},
        annotations=[Annotation(int(mark), "N") for mark in marks if 0 <= mark < n_samples],
        source=f"simulated {name} session {session} {activity}",
    )


# -- the heart --------------------------------------------------------------------------------------------------------

_RHYTHM_RATE = 8.0  # Hz; the rhythm holds nothing above 1 Hz


def _rhythm(
    rng: np.random.Generator, person: Person, doing: _Activity, heart_rate: float, duration: float
) -> tuple[Floats, Floats]:
    """Return R times in s (with one or two beats before and after) and breathing, SD 1, at `_RHYTHM_RATE`."""
    lead_in = 2.0
    n = int((duration + 2 * lead_in) * _RHYTHM_RATE) + 2
    # Two bands as in McSharry 2003: 0.1 ± 0.01 Hz, and breathing; RR shortens while breathing in.
    mayer = _band(rng, n, _RHYTHM_RATE, 0.1, 0.01)
    breath = _band(rng, n, _RHYTHM_RATE, doing.breath * np.exp(rng.normal(0.0, 0.1)), 0.015)
    share = person.lf_hf / (1 + person.lf_hf)
    deviation = person.rr_deviation * doing.rr_deviation
    mean_rr = 60.0 / np.clip(heart_rate, 40.0, 190.0)
    rr = mean_rr + deviation * (np.sqrt(share) * mayer - np.sqrt(1 - share) * breath)
    rr = np.clip(rr, 0.6 * mean_rr, 1.5 * mean_rr)
    phase = np.cumsum(1.0 / rr) / _RHYTHM_RATE + rng.uniform()
    grid = np.arange(n) / _RHYTHM_RATE - lead_in
    r_times = np.interp(np.arange(np.ceil(phase[0]), phase[-1]), phase, grid)
    return r_times, breath[int(lead_in * _RHYTHM_RATE) :]


def _session_vectors(rng: np.random.Generator, person: Person) -> dict[str, Floats]:
    """Return the heart vectors of a session: a turn of about 4°, a gain, and small changes of each wave."""
    turn = Rotation.from_rotvec(rng.normal(0.0, np.deg2rad(4.0), 3))
    gain = np.exp(rng.normal(0.0, 0.06))
    drawn = {name: turn.apply(np.asarray(v)) * np.exp(rng.normal(0.0, 0.06)) for name, v in person.vectors.items()}
    return _scaled(drawn, gain)


def _heart_vector(times: Floats, r_times: Floats, person: Person, vectors: dict[str, Floats]) -> Floats:
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


# -- the noise --------------------------------------------------------------------------------------------------------


def _noise(rng: np.random.Generator, doing: _Activity, breathing: Floats, sampling_rate: float) -> Floats:
    """Return noise of one lead, in mV: the kinds of the MIT-BIH noise stress test (Moody 1984), hum and sensor."""
    n = len(breathing)
    times = np.arange(n) / sampling_rate
    level = np.exp(rng.normal(0.0, 0.25, 4))
    wander = 0.06 * level[0] * _coloured(rng, n, sampling_rate, 0.03, 0.6, -1.0) + rng.normal(0.0, 0.02) * breathing
    muscle = doing.muscle * level[1] * _coloured(rng, n, sampling_rate, 15.0, 150.0, 0.0)
    muscle *= _envelope(rng, n, sampling_rate, 0.4)
    # Electrode motion comes in bursts and reaches into the band of P and T.
    motion = doing.motion * level[2] * _coloured(rng, n, sampling_rate, 0.7, 9.0, -1.0)
    motion *= _envelope(rng, n, sampling_rate, 0.9)
    total = wander + muscle + motion + 0.004 * rng.standard_normal(n)
    if doing.cadence:
        steps = doing.cadence * times + 0.03 * np.cumsum(rng.standard_normal(n)) / np.sqrt(sampling_rate)
        steps += rng.uniform()
        for harmonic, share in ((1, 1.0), (2, 0.6), (3, 0.3)):
            total += doing.motion * share * np.sin(2 * np.pi * (harmonic * steps + rng.uniform()))
    if sampling_rate > 110:  # below, any recorder's anti-aliasing filter takes the hum away
        hum = np.sin(2 * np.pi * (50.0 * times + rng.uniform())) + 0.2 * np.sin(2 * np.pi * 50.0 * times)
        total += 0.015 * level[3] * hum
    return np.asarray(total)


def _envelope(rng: np.random.Generator, n: int, sampling_rate: float, spread: float) -> Floats:
    """Return a slow positive factor, mean square 1: bursts and pauses."""
    slow = np.exp(spread * _coloured(rng, n, sampling_rate, 0.05, 0.5, 0.0))
    return np.asarray(slow / np.sqrt(np.mean(slow**2)))


def _coloured(rng: np.random.Generator, n: int, sampling_rate: float, low: float, high: float, slope: float) -> Floats:
    """Return Gaussian noise, RMS 1 on average, between two frequencies (Hz); its amplitude goes with f**slope."""
    # At least 64 s are made and cut, or short records would have no slow noise.
    size = int(next_fast_len(max(n, round(64 * sampling_rate)), real=True))
    frequency = rfftfreq(size, 1 / sampling_rate)
    shape = np.zeros_like(frequency)
    inside = (frequency >= low) & (frequency <= min(high, 0.48 * sampling_rate))
    shape[inside] = frequency[inside] ** slope
    return _from_spectrum(rng, shape, size)[:n]


def _band(rng: np.random.Generator, n: int, sampling_rate: float, centre: float, width: float) -> Floats:
    """Return a narrow Gaussian band around ``centre`` (Hz), SD 1 on average."""
    size = int(next_fast_len(max(n, round(256 * sampling_rate)), real=True))
    frequency = rfftfreq(size, 1 / sampling_rate)
    return _from_spectrum(rng, np.exp(-0.25 * ((frequency - centre) / width) ** 2), size)[:n]


def _from_spectrum(rng: np.random.Generator, amplitude: Floats, size: int) -> Floats:
    phases = np.exp(2j * np.pi * rng.uniform(size=len(amplitude)))
    scale = size / np.sqrt(2 * np.sum(amplitude[1:] ** 2))
    amplitude = amplitude.copy()
    amplitude[0] = 0.0
    return np.asarray(irfft(scale * amplitude * phases, size))


# -- checks and small things ------------------------------------------------------------------------------------------


def _rng(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _scaled(vectors: dict[str, Floats], gain: float) -> dict[str, Floats]:
    return {name: vector * gain for name, vector in vectors.items()}


def _check_count(name: str, number: int) -> None:
    if not isinstance(number, int | np.integer) or number < 1:
        raise ParameterError(f"{name} is {number}: it must be a whole number, 1 or more")


def _check_signal(
    duration: float, sampling_rate: float, leads: Sequence[str], activity: str, noise: float, seed: int
) -> None:
    if not (np.isfinite(sampling_rate) and sampling_rate >= 50):
        raise ParameterError(f"sampling_rate is {sampling_rate}: it must be 50 Hz or more to hold a QRS")
    if not (np.isfinite(duration) and duration * sampling_rate >= 1):
        raise ParameterError(f"duration is {duration}: it must be a positive number of s, at least one sample")
    if not (np.isfinite(noise) and noise >= 0):
        raise ParameterError(f"noise is {noise}: it must be 0 (clean) or more")
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(f"seed is {seed}: it must be a whole number, 0 or more")
    if activity not in ACTIVITIES:
        raise ParameterError(f"unknown activity {activity!r} (known: {', '.join(ACTIVITIES)})")
    unknown = [lead for lead in leads if lead not in LEADS]
    if isinstance(leads, str) or unknown or not leads:
        raise ParameterError(f"cannot simulate leads {leads!r}: pass a list of some of {', '.join(LEADS)}")
    if len(set(leads)) != len(leads):
        raise ParameterError(f"leads repeat: {', '.join(leads)}")
