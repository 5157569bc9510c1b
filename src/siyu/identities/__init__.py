"""Keys of a person → one customer.

Strong keys that come together are one person. Pointers (an order's number, a link's state) lead to
somebody already known and never make a person; each brings in one carrier account, no second one.
Merges are written down with the event that proved them, and every fact keeps the key it came by.
"""
