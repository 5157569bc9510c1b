"""Rows of an order file → lines → events: pure. Whatever can't be used is a problem in words."""
