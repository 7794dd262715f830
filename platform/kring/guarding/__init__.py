"""Measuring the privacy guard: `make guard-report`. Nothing here runs where Kring serves."""
