"""The privacy guard where people write: what is found in a text before it is posted."""

from kring.lib.privacy import Finding, findings, redact

__all__ = ["Finding", "findings", "redact"]
