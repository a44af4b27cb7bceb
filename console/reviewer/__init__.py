"""Pages of the reviewer and the second reviewer: the queue, one screen a plan, a claim, an appeal. Never a field that
changes learning data."""

from console.reviewer import appeals, bundles, certificates, claims, evidence, identity, lists, plans, queue
from console.reviewer.door import blueprint

__all__ = ["appeals", "blueprint", "bundles", "certificates", "claims", "evidence", "identity", "lists", "plans", "queue"]
