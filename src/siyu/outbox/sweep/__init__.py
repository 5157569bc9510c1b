"""Empties the outbox: send, ask back what is unwanted, clear up what is in doubt, try."""

from siyu.outbox.sweep.after import cancel, reconcile
from siyu.outbox.sweep.send import Sent, reclaim, send
from siyu.outbox.sweep.trial import trial

__all__ = ["Sent", "cancel", "reclaim", "reconcile", "send", "trial"]
