"""The master ledger (工作总台账): how each task stands, told to those who may ask."""
