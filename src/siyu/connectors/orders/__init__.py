"""Paid orders and refunds of the brand's own shops: an ERP, a POS or a mall posts them, signed."""
