"""The command line: each command is one action or view of a room, for people and with --json."""
