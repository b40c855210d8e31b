"""The command line: ``python -m gameball_referrals emulator [options]``, or ``saleor-app``."""

from __future__ import annotations

import signal
import sys

from . import _native

USAGE = """\
usage: python -m gameball_referrals emulator [options]
       python -m gameball_referrals saleor-app [options]

`emulator` runs a local Gameball, `saleor-app` the Saleor app as a server of its own. For their options: --help
"""


def main(arguments: list[str]) -> int:
    """Run the command and return the exit code."""
    if arguments[:1] == ["emulator"]:
        # Ctrl-C is the emulator's own; Python would raise KeyboardInterrupt besides.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return _native.emulator_main(arguments[1:])
    if arguments[:1] == ["saleor-app"]:
        from .saleor_app.command import main as serve

        return serve(arguments[1:])
    asked = arguments[:1] in (["--help"], ["-h"])
    (sys.stdout if asked else sys.stderr).write(USAGE)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
