"""Complaints (投诉举报): received safely, answered in time, and confidential by construction."""
