"""Group chats by what they are for: who may be invited, which one is filled, what is said when."""
