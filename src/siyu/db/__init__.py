"""The database: PostgreSQL, embedded or yours; the driver is known only here."""
