"""Siyu (私域): orders in, friends made, people served, every minor unit accounted for."""

__version__ = "0.1.0"
