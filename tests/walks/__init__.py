"""Random walks over the whole subsidy: from plans to the bank and back."""
