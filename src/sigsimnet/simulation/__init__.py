"""Simulated people with simulated ECGs, for demonstrations and tests.

Each person has a stable shape of P, QRS and T (sums of Gaussians of a heart vector, projected on the leads), a heart
rate that varies with breathing and slower, sessions that differ a little, and activities that add motion and muscle.
"""

from __future__ import annotations

from sigsimnet.simulation._person import ACTIVITIES, LEADS, Person
from sigsimnet.simulation._simulate import simulate, simulate_one

__all__ = ["ACTIVITIES", "LEADS", "Person", "simulate", "simulate_one"]
