"""Personal data, sealed under one key per identity; erasing a person's keys erases the person.

Nothing personal lies in clear in any table: values are AES-256-GCM under a data key of their
subject, the data key is wrapped by the master key, and look-ups go by keyed hashes. What a hash
gives away: that two rows hold the same value, to nobody who lacks the look-up key.
"""
