"""Help: what one can say, and the polite last word for whatever no other subject understands."""
