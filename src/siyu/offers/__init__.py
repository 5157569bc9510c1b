"""What a customer was promised and the gifts that keep it: reserved, sent, owed, never oversold.

A promise ends fulfilled, claimable, revoked by a refund, or lapsed with a reason: never just gone.
"""
