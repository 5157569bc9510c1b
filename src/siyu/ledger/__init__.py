"""Every cost, once: one entry per cause, at the listed price, in the transaction of the cause."""
