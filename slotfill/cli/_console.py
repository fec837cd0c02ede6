"""What every command shares: one place for messages on stderr, one table of exit codes."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import typer

from slotfill.errors import SlotfillError

INTERRUPTED, TERMINATED = 130, 143


class Terminated(SystemExit):
    """SIGTERM arrived; raised where the program stands, so that `finally` blocks run."""


def say(message: str) -> None:
    """Write one line for people to stderr."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints


def _terminate(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal API's signature
    raise Terminated(TERMINATED)


def run(app: typer.Typer) -> int:
    """Run `app` on the process's arguments and return its exit code.

    An error that slotfill or Typer raises becomes one line on stderr. A reader that closes our pipe early is no error.
    Anything else is a defect and keeps its traceback.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except SlotfillError as error:
        say(f"slotfill: {error}")
        return error.exit_code
    except typer.TyperException as error:
        say(f"slotfill: {error.format_message()}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("slotfill: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes stdout once more as it exits; give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0
