"""Reading order files: the file, the spool that brings an order's rows together, the import."""
