"""The inbox: facts accepted once, applied in one order, parked when poisonous, replayable."""
