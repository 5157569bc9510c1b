"""WeCom's words: envelopes, callbacks, error codes, customers, messages. Pure."""
