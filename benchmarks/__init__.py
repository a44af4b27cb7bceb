"""Benchmarks: each one command that prints its figures. Not part of the product."""
