"""A journey tried on the brand's own past: the production engine in a schema that is thrown away.

What happened in a period is heard again on a clock of its own, by the journeys that run today and
by the text that is tried. What people did with messages that were never sent no history knows: that
comes from rates, the brand's own where there are enough, and every answer says which it took.
"""
