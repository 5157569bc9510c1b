"""Tags by rule: what happens is matched against a brand's rules; and tags that wait for people."""
