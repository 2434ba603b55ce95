#!/bin/sh
# Sets up what is needed and starts the demo: one process, no settings, no network. Options go to `duban demo`.
set -eu
cd "$(dirname "$0")"
. ./setup.sh
duban_setup
exec .venv/bin/duban demo "$@"
