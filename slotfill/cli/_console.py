"""What every command shares: one place for messages on stderr, one for what ended the program."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from slotfill.errors import SlotfillError

INTERRUPTED = 130

_KILLED = 128
"""As a shell counts: with the signal's number the exit code of what it ended."""

_TORCH_SAYS = "can't allocate memory", "out of memory"
"""Of a processor's memory, of a GPU's."""


_ARRIVED: list[int] = []
"""The signals that have ended the program, or should have."""


class Terminated(SystemExit):
    """SIGTERM or SIGHUP arrived; raised where the program stands, so that `finally` blocks run."""


def _raise(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal API's signature
    handled = sys.exception()
    while handled is not None:
        if isinstance(handled, Terminated):
            return  # A second one, as many programs send, would end the clean-up for the first.
        handled = handled.__context__
    _ARRIVED.append(signum)
    raise KeyboardInterrupt if signum == signal.SIGINT else Terminated(_KILLED + signum)


def reraise_pending_signal() -> None:
    """Raise again what a signal raised in vain: code in C, as of a library that is loading, may drop an exception."""
    if _ARRIVED:
        _raise(_ARRIVED.pop(0), None)


def say(message: str) -> None:
    """Write one line for people to stderr."""
    from slotfill.legible import legible_lines

    print(legible_lines(message), file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints


def print_json(record: object, *, indented: bool = False) -> None:
    """Write one JSON object to stdout, as `--json` asks for; a number that is not finite becomes null."""
    import orjson
    import typer

    typer.echo(orjson.dumps(record, option=orjson.OPT_INDENT_2 if indented else None))


class _Messages(io.FileIO):
    """Where messages go: what cannot be written there is lost, and the work goes on."""

    def write(self, data: Any, /) -> int:
        """As a file's, but what nobody reads counts as written."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _install_signal_handlers() -> None:
    """Make Ctrl-C, SIGTERM and a terminal that is gone (SIGHUP) exceptions, raised where the program stands."""
    _ARRIVED.clear()
    signal.signal(signal.SIGTERM, _raise)
    # These may be ignored, as behind a shell's `&` and `nohup`.
    for number, default in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is default:
            signal.signal(number, _raise)


def _restore_signal_handlers() -> None:
    """What arrives from here on ends the process at once: in Python's end an exception only shows a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == _raise:
            signal.signal(number, signal.SIG_DFL)


def _open_streams() -> None:
    """Make sure that there are a stdin, stdout and stderr, and that stdout is UTF-8, as input is, whatever the locale.

    A stream that whoever started us has closed leads to nothing: its descriptor must not become that of a file. A
    reader of stderr that is gone takes the messages with it, and no more. A stream that whoever started us left
    non-blocking would look as if it had ended, or lose what it has no room for.
    """
    for descriptor in range(3):
        with suppress(OSError):
            os.set_blocking(descriptor, True)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we run
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    messages = io.BufferedWriter(_Messages(sys.stderr.fileno(), "w", closefd=False))
    sys.stderr = io.TextIOWrapper(messages, sys.stderr.encoding, "backslashreplace", line_buffering=True)


def _set_environment() -> None:
    """What libraries and our other processes read of the environment."""
    # Our other processes must not import what lies in the user's folder and is called like a module of Python's.
    os.environ["PYTHONSAFEPATH"] = "1"
    # torch's threads wait for each other after each operation, busily: for those of another process that works beside.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    if not os.environ.get("COLUMNS", "").strip("0"):  # In no columns nothing would be printed.
        os.environ.pop("COLUMNS", None)


def run(program: Callable[[], int]) -> int:
    """Run a program and return its exit code, or that of what ended it.

    An error of slotfill or the operating system becomes one line on stderr. A reader that closes our pipe early is no
    error. Anything else is a defect and keeps its traceback.
    """
    _install_signal_handlers()
    _open_streams()
    _set_environment()
    try:
        code = program()
        sys.stdout.flush()
    except SlotfillError as error:
        say(f"slotfill: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        _discard_stdout()
        return 0
    except OSError as error:
        say(f"slotfill: {describe_os_error(error)}")
        try:
            sys.stdout.flush()
        except OSError:  # A full disk, say: it is what was told.
            _discard_stdout()
        return SlotfillError.exit_code
    except Exception as error:
        if _ARRIVED:
            return _interrupted()
        if isinstance(error, ImportError):
            return _missing(error)
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in _TORCH_SAYS):
            raise
        say("slotfill: not enough memory: choose a smaller network, smaller batches or shorter lines")
        return SlotfillError.exit_code
    except SystemExit as stop:
        # Typer turns a closed pipe into an exit of its own.
        if isinstance(stop.__context__, BrokenPipeError):
            _discard_stdout()
            return 0
        raise
    finally:
        _restore_signal_handlers()
    return code


def _interrupted() -> int:
    """The exit code of what signals have ended; Ctrl-C is told of."""
    if fatal := [number for number in _ARRIVED if number != signal.SIGINT]:
        return _KILLED + fatal[0]
    say("slotfill: interrupted")
    return INTERRUPTED


def describe_os_error(error: OSError) -> str:
    """What the operating system refuses, in a line: the file, where it names one, and why."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def _missing(error: ImportError) -> int:
    """Say which package is not installed; a module of our own is a defect, and so is what cannot be loaded."""
    if not isinstance(error, ModuleNotFoundError) or str(error.name).startswith("slotfill"):
        raise error
    say(f"slotfill: {error.name} is not installed, which this command needs: install slotfill with its dependencies")
    return SlotfillError.exit_code


def exit_now() -> NoReturn:
    """End the process well and at once; Python's own end would free object after object first.

    That takes longer than tagging a line. No file may be open for writing, and nothing be left to do at exit.
    """
    sys.stdout.flush()
    os._exit(0)


def _discard_stdout() -> None:
    """What stdout could not take is lost; the interpreter's last flush of it must not complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
