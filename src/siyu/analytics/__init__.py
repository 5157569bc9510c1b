"""Figures and explanations over all rooms: what happened, to whom, why, and what it cost."""
