"""Addresses of the digest: what it said, what it links to, how one stops it, settings."""

urlpatterns = []
