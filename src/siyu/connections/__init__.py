"""What connectors remember, sealed, and when they go and ask; nobody here knows a vendor."""
