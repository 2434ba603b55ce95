"""Measures the bot: each module is one command (`python -m benchmarks.ack`), see docs/performance.md. Never a test."""
