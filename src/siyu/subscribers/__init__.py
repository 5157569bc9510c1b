"""Systems of the brand that follow what happens here: each is told of the facts that it asked for,
by signed webhooks, in the order in which they were applied, at least once and without a name.
"""
