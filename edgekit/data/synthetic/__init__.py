"""Generators of synthetic data: every sample from an explicit seed."""
