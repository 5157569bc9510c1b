"""Wishes become rulings: allow, allow later or withhold, each stored with its reason."""
