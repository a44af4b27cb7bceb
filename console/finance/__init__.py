"""Pages of the cashiers: the queue and its batches, the bank's files, the fund, recoveries, the register of what was paid."""

from console.finance import batches, fund, recoveries, register
from console.finance.door import blueprint

__all__ = ["batches", "blueprint", "fund", "recoveries", "register"]
