"""Progress reports (进展汇报): from free Chinese to records that are never changed, only followed."""
