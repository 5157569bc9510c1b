"""The facts as Parquet files, for figures over years: written from PostgreSQL, rebuilt at will.

Nothing personal is in it: customers are numbers. A row belongs to an owner (a customer, or an order
of a guest), and whoever had an event since the last time is written anew, whole: of an owner's rows
only those of the latest version count. So a refund, a merge, a split, and a guest who turns out to
be somebody are all the same case.
"""
