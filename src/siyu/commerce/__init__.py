"""Orders, refunds and parcels, as the shops tell of them: totals stay true whatever comes late."""
