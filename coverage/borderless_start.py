"""Where the command begins: Ctrl-C is answered from here on, also while the rest is being imported."""

from __future__ import annotations

import io
import os
import signal
import sys


def main() -> None:
    """Run the command line; an interruption ends it with one line and exit code 130, whenever it comes."""
    # Where the shell ignores interruptions (nohup, background jobs), they stay ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, leave)
    for stream in (sys.stdout, sys.stderr):
        # Windows writes files in an encoding that lacks some letters; they become question marks.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from borderless.cli import app  # noqa: PLC0415 - takes a second, in which Ctrl-C must be answered

    try:
        app()
    finally:
        # All is said and done. While Python tidies up, its own answer to Ctrl-C would be a traceback.
        if signal.getsignal(signal.SIGINT) is leave:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def leave(*_: object) -> None:
    """Leave at once, where nothing has to be put in order first."""
    os.write(2, b"Interrupted; nothing half-written was left.\n")
    os._exit(130)
