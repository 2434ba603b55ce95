"""The tasks of the ledger (台账条目): what there is to do, by whom, until when. Other subjects build on this one."""
