"""Who they are: profile, stage, tags, consent, friendships, whatever order facts come in."""
