"""The command line: verbs over the workflow, sentences for people, JSON lines for programs."""

import errno
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated

import typer

from culler import __version__
from culler.cli.interrupt import INTERRUPTED, SENTENCE, politely
from culler.cli.output import say
from culler.cli.verbs import VERBS
from culler.domain.errors import CullerError

HELP = """Cull photographs by level distributions you can look into.

[bold]culler FOLDER…[/bold] opens the window on folders of photos.

The verbs below do the same work in the terminal. A first evening:

  culler score  ~/Pictures/wedding             judge every photo, resumable
  culler rank   ~/Pictures/wedding --top 20    the best twenty
  culler mark   IMG_0412.CR2 --flag pick       keep one
  culler export ~/Pictures/wedding --to ~/picks --flag pick

Add --json for one JSON object a line. Everything Culler remembers lives below CULLER_HOME, when set.
"""


def app(only: str | None = None) -> typer.Typer:
    """The application with every verb of the table, or with one of them: the others' modules are then
    not imported."""
    program = typer.Typer(
        name="culler",
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode="rich",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @program.callback()
    def root(
        version: Annotated[
            bool,
            typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version),
        ] = False,
    ) -> None:
        pass

    for name, target in VERBS.items():
        if only not in (None, name):
            continue
        module, _, function = target.partition(":")
        verb = getattr(import_module(module), function)
        if isinstance(verb, typer.Typer):
            program.add_typer(verb, name=name)
        else:
            program.command(name)(verb)
    return program


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code: 0 done, 1 nothing could be done, 2 usage, 130 interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name in any script ends no run
    with politely():
        try:
            outcome = _run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()
        except CullerError as error:
            say(str(error))
            return 1
        except (KeyboardInterrupt, typer.Abort):
            outcome = INTERRUPTED
        except OSError as error:
            if not _is_stdout(error):
                raise
            _drop_stdout()
            if error.errno == errno.EPIPE:
                return 0  # the reader of our output left: nothing more to say, no noise at exit either
            say(f"Cannot write the output: {(error.strerror or str(error)).lower()}.")
            return 1
        if outcome == INTERRUPTED:
            say(SENTENCE)
    return outcome


def _run(arguments: Sequence[str]) -> int:
    named = arguments[0] if arguments and arguments[0] in VERBS else None
    command = typer.main.get_command(app(named))
    try:
        outcome = command.main(args=list(arguments), prog_name="culler", standalone_mode=False)
    except SystemExit as leaving:
        # How the option parser answers a closed pipe.
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from leaving
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()  # a usage error of the command line
        return int(getattr(error, "exit_code", 2))
    return outcome if isinstance(outcome, int) else 0


def _is_stdout(error: OSError) -> bool:
    """Whether it was our output that could not be written: such an error names no file."""
    return error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EDQUOT)


def _drop_stdout() -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(wanted: bool) -> None:
    if wanted:
        print(f"culler {__version__}")
        raise typer.Exit()
