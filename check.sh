#!/bin/sh
# Every check that is no test: format, lint, types, import rules. The same ones run before a commit.
set -eu
cd "$(dirname "$0")"
. ./setup.sh
duban_setup --group dev
bin=.venv/bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports --config pyproject.toml
echo "checks passed"
