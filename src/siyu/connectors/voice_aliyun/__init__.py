"""Aliyun OutboundBot: jobs of an AI script out, and how each call ended, by asking."""
