"""What people read or look at: typed materials in both languages, checked before they are
installed, in versions that somebody approves, and in variants that are drawn once per customer."""
