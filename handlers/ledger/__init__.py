"""The master ledger (工作总台账): which tasks there are, who owes them, how each stands."""
