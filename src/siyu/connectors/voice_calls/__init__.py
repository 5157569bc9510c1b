"""AI calls by a vendor of the common kind: tasks of contacts out, ends of calls back."""
