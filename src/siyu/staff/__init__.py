"""The brand and who works here: head office, stores, guides; and who did what, audited."""
