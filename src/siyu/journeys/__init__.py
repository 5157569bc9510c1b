"""Durable plans: a customer walks through a journey, step by step, for minutes or for years.

A journey is a text; `check` reads it, `actions.publish` keeps it for ever. An event lets a customer
in (`project`); their walk is one row, a *visit*, and its timer is that row's `due_at`. The `sweep`
claims what is due, loads the facts, asks `decide` – pure, like every node in `nodes/` – and writes
the moves. A journey never sends: it *wishes* for touches, and the budget rules.
"""
