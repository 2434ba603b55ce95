# Sourced by run.sh and test.sh: finds Python, makes .venv and installs exactly what uv.lock says.
# Usage: duban_setup [uv sync options]. Safe to repeat; says plainly what is missing and the command that brings it.

duban_python() {
    for name in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    echo "Python 3.11 or newer is needed. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
    return 1
}

duban_setup() {
    stamp=".venv/.duban-$(cksum uv.lock pyproject.toml | cksum | cut -d' ' -f1)$(echo "$*" | tr -c 'a-z0-9' '-')"
    [ -f "$stamp" ] && [ -x .venv/bin/python ] && return 0
    python=$(duban_python) || return 1
    if [ ! -x .venv/bin/python ]; then
        "$python" -m venv .venv || {
            echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2
            rm -rf .venv
            return 1
        }
    fi
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1" || {
        echo "The package index cannot be reached. Check the network or pip's configuration, then run this again." >&2
        return 1
    }
    # --inexact: uv itself lives in the same environment.
    UV_PROJECT_ENVIRONMENT=.venv .venv/bin/uv sync --quiet --frozen --inexact --python .venv/bin/python "$@" || {
        echo "Installing the locked packages failed; the lines above say why. Then run this again." >&2
        return 1
    }
    rm -f .venv/.duban-*
    : >"$stamp"
}
