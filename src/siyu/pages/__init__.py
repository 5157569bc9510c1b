"""The brand's own pages: who opened them and by which advertisement, what they answered, booked and
reserved. A page of a stranger shows what a stranger may do; who is known comes by a token."""
