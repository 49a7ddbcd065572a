"""`simulate`: people, sessions and activities, put together into recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from sigsimnet._utils.settings import checked
from sigsimnet.errors import ParameterError
from sigsimnet.recording import Annotation, Recording
from sigsimnet.simulation._heart import RHYTHM_RATE, heart_vector, rhythm, session_vectors
from sigsimnet.simulation._noise import lead_noise
from sigsimnet.simulation._person import ACTIVITIES, LEADS, Person, rng_of

__all__ = ["simulate", "simulate_one"]


MOST = 100_000  # people, or sessions
MOST_SAMPLES = 1 << 28  # of a recording: a week at 400 Hz


@checked
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
    """Return simulated ECGs of simulated people: one recording for each person, session and activity.

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
    """Return one simulated ECG; see `simulate` for parameters, errors and sources.

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

    session_rng, rng = rng_of(seed, subject, session), rng_of(seed, *record_key)
    heart_rate = person.heart_rate + session_rng.normal(0.0, 4.0)
    heart_rate += doing.heart_rate + doing.heart_rate_spread * rng.normal()
    r_times, breath = rhythm(rng, person, doing, heart_rate, duration)
    vectors = session_vectors(session_rng, person)
    beats = heart_vector(times, r_times, person, vectors)
    # Breathing moves the heart against the electrodes: 3 % of amplitude (EDR, Moody 1985).
    breathing = np.interp(times, np.arange(len(breath)) / RHYTHM_RATE, breath)
    beats *= 1 + 0.03 * breathing

    data = np.empty((len(leads), n_samples), dtype=np.float32)
    for row, lead in enumerate(leads):
        clean = LEADS[lead] @ beats
        lead_rng = rng_of(seed, *record_key, 1 + list(LEADS).index(lead))
        data[row] = clean + noise * lead_noise(lead_rng, doing, breathing, sampling_rate) if noise else clean
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


def _check_count(name: str, number: int) -> None:
    if not isinstance(number, int | np.integer) or not 1 <= number <= MOST:
        raise ParameterError(f"{name} is {number}: it must be a whole number from 1 to {MOST:,}")


def _check_signal(
    duration: float, sampling_rate: float, leads: Sequence[str], activity: str, noise: float, seed: int
) -> None:
    if not (np.isfinite(sampling_rate) and sampling_rate >= 50):
        raise ParameterError(f"sampling_rate is {sampling_rate}: it must be 50 Hz or more to hold a QRS")
    if not (np.isfinite(duration) and duration * sampling_rate >= 1):
        raise ParameterError(f"duration is {duration}: it must be a positive number of s, at least one sample")
    if duration * sampling_rate > MOST_SAMPLES:
        raise ParameterError(f"duration is {duration:g} s at {sampling_rate:g} Hz: at most {MOST_SAMPLES:,} samples")
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
