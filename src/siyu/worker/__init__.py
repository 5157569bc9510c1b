"""What works: every sweep in its turn (sweeps.py), and the process that runs them (worker.py)."""

from siyu.worker.pulls import plan
from siyu.worker.sweeps import NAMES, SWEEPS, Sweep, Ticked, Times, due, next_at, ready, tick

__all__ = ["NAMES", "SWEEPS", "Sweep", "Ticked", "Times", "due", "next_at", "plan", "ready", "tick"]
