"""The HTTP API: parse, one action or view, serialise. The only place that knows status codes."""
