"""A provider of the brand's own: signed JSON out in batches, signed receipts back in arrays."""
