"""The command line: verbs over the workflow, sentences for people, JSON lines for programs."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from culler import __version__
from culler.cli.verbs import VERBS
from culler.domain.errors import CullerError

INTERRUPTED = 130

HELP = """Cull photographs by level distributions you can look into.

[bold]culler FOLDER…[/bold] opens the window on folders of photos.

The verbs below do the same work in the terminal. A first evening:

  culler score  ~/Pictures/wedding             judge every photo, resumable
  culler rank   ~/Pictures/wedding --top 20    the best twenty
  culler mark   IMG_0412.CR2 --flag pick       keep one
  culler export ~/Pictures/wedding --to ~/picks --flag pick

Add --json for one JSON object a line. Everything Culler remembers lives below CULLER_HOME, when set.
"""


def app() -> typer.Typer:
    """The application with every verb of the table."""
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
        module, _, function = target.partition(":")
        program.command(name)(getattr(import_module(module), function))
    return program


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code: 0 done, 1 nothing could be done, 2 usage, 130 interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    command = typer.main.get_command(app())
    try:
        outcome = command.main(args=list(arguments), prog_name="culler", standalone_mode=False)
    except CullerError as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, typer.Abort):
        outcome = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left: nothing more to say, and no noise at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()  # a usage error of the command line
        return int(getattr(error, "exit_code", 2))
    if outcome == INTERRUPTED:
        print("Interrupted. What was done is kept; the same command goes on.", file=sys.stderr)
    return outcome if isinstance(outcome, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        print(f"culler {__version__}")
        raise typer.Exit()
