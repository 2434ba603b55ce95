"""The month's ranking (月排名) as pure rules: what counts, what it comes to, who may be placed, and why."""
