"""Touches: sent once, never after they stopped being true; the only caller of a channel."""
