"""Registers (台账): read-only lists over the books of all slices. They select across models and never write."""
