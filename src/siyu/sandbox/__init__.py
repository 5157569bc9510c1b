"""A seeded world outside: buyers, a shop, a warehouse, phones, guides.

The engine meets it only over HTTP and can't tell it from production; what people really received is
recorded here.
"""
