"""Aliyun's SMS service, for the sandbox and for tests: its paths, its signature, its limits.

The API plane is Aliyun's own. The control plane are Python methods, by which people are played:
`report` and `reply` queue what Aliyun pushes, `deliver` pushes what is due.
"""

from siyu.connectors.sms_aliyun.fake.records import Sms, Template
from siyu.connectors.sms_aliyun.fake.service import Fault, Service

__all__ = ["Fault", "Service", "Sms", "Template"]
