"""A vendor of AI calls, for the sandbox and for tests.

The API plane is README.md's. The control plane are Python methods, by which people are played:
`finish`, `grade` and `leave_out` queue what the vendor posts, `deliver` posts what is due.
"""

from siyu.connectors.voice_calls.fake.service import Fault, Placed, Service

__all__ = ["Fault", "Placed", "Service"]
