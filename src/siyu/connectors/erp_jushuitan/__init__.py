"""Jushuitan (聚水潭): parcels to come, what is to go in, what was packed and shipped."""
