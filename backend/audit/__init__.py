"""Audit: who did what at a desk, append-only. Any slice and door after `people` may write here; nobody changes a row."""
