"""Work for people: a channel of the outbox, so that guides obey the same budget."""
