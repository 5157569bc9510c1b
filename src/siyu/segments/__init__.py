"""A set of customers, described once: counted, listed, explained, asked for a batch.

A text (`all: [{friend: false}, {orders: {at_least: 2, within: 90d}}]`) is checked into a tree, the
tree is compiled into one statement, and the statement answers for a whole batch of customers.
"""
