"""Our words ↔ the vendor's: hours, tasks, callbacks. Pure."""
