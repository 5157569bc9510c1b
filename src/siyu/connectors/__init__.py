"""The outside world: a folder per vendor, none of which knows a neighbour."""
