"""Texts that people read: typed templates in both languages, checked before they are installed."""
