"""One photo of an export: its files brought to their places, or a new picture made of it."""

import os
import time
from collections.abc import Generator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from culler.catalog import folders
from culler.domain.assessment import Stage
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.imaging import conversion, copying
from culler.imaging.copying import Action, Outcome, TargetTaken, Transferring
from culler.workflow import develop, moves, table
from culler.workflow.converting import Converting
from culler.workflow.export_names import Names, Place
from culler.workflow.export_request import ExportItem, ExportRequest
from culler.workflow.listing import Entry
from culler.workflow.moves import Journal, Move, MoveKind
from culler.workflow.workspace import Workspace

T = TypeVar("T")
Items = Generator[Progress, None, list[ExportItem]]

STEP_S = 0.2


def export_photo(
    workspace: Workspace,
    entry: Entry,
    sequence: int,
    names: Names,
    request: ExportRequest,
    journal: Journal | None,
    here: Progress,
) -> Items:
    """Every file of one photo under one stem; a move that cannot take them all takes none."""
    photo = entry.photo
    files = request.files_of(photo.files)
    plan = yield from _paced(names.plan(entry, sequence, files), here)
    if request.dry_run:
        return [_would(entry, place, request.mode) for place in plan]
    move = Move(photo.id, tuple((place.source, place.to) for place in plan))
    if journal is not None:
        journal.intend(move)
    items: list[ExportItem] = []
    for place in plan:
        try:
            action = yield from _brought(request.mode, place, here)
            items.append(ExportItem(photo.id, place.source, place.to, action))
        except GeneratorExit:
            if journal is not None:
                for item in items:
                    _moved_back(item)
                journal.given_up(photo.id)
            raise
        except CullerError as error:
            if request.mode == "move":
                items = [_moved_back(item) for item in items]
            items.append(ExportItem(photo.id, place.source, place.to, "failed", str(error)))
            if request.mode == "move":
                break
    if journal is not None:
        if all(item.action == "moved" for item in items):
            with workspace.catalog.write() as tx:
                folders.add(tx, request.target())  # one root for all folders in it
            moves.follow(workspace, MoveKind.EXPORT, move)
            journal.arrived(photo.id)
        else:
            journal.given_up(photo.id)
    return items


def convert_photo(
    entry: Entry,
    sequence: int,
    names: Names,
    request: ExportRequest,
    ahead: Converting | None,
    here: Progress,
) -> Generator[Progress, None, ExportItem]:
    """A new picture as the request's recipe says, if it is not there already. Without those made `ahead`,
    in a dry run, pictures are made only to compare them with files that have their names."""
    photo, recipe = entry.photo, request.recipe
    assert recipe is not None
    if ahead is None:
        made = cache(lambda: conversion.convert(photo, recipe, develop.companion_of(photo)))
    else:
        while not ahead.is_ready(photo):
            yield here
        made = cache(lambda: ahead.take(photo))
    try:
        place = names.place(entry, sequence, recipe.target.value, made)
        if place.there:
            return ExportItem(photo.id, photo.path, place.to, "exists")
        if request.dry_run:
            unreadable = next((f for f in entry.failures if f.stage in (Stage.SCAN, Stage.DECODE)), None)
            if unreadable is not None:
                raise CullerError(unreadable.message)
            return _would(entry, place, "convert")
        return ExportItem(photo.id, photo.path, table.write_new(place.to, made()), "converted")
    except CullerError as error:
        return ExportItem(photo.id, photo.path, Path(request.to), "failed", str(error))


def _would(entry: Entry, place: Place, verb: str) -> ExportItem:
    item = ExportItem(entry.photo.id, place.source, place.to, f"would {verb}")
    if not os.path.exists(place.source):
        return replace(item, action="failed", message=f"{place.source} is gone. Read the folder again.")
    if place.there and (verb != "move" or os.path.samefile(place.source, place.to)):
        return replace(item, action="exists")
    return item


def _brought(mode: str, place: Place, here: Progress) -> Generator[Progress, None, str]:
    """What was done with one file, step by step. Raises CullerError."""
    source, to = place.source, place.to
    if mode == "link":
        try:
            done = copying.transfer(Action.HARD_LINK, source, to)
        except TargetTaken:
            if place.there:
                return "exists"  # a copy as good as a link
            raise
        except CullerError:  # another disk, or one without hard links
            done = copying.transfer(Action.SYMLINK, source, to)
    elif mode in ("hardlink", "symlink"):
        try:
            done = copying.transfer(Action(mode), source, to)
        except TargetTaken:
            if place.there:
                return "exists"
            raise
    elif mode == "copy" and place.there:
        return "exists"  # it was compared to find its name
    else:
        steps: Transferring = copying.transferring(Action(mode), source, to)
        done = yield from _paced(steps, here)
    if done.outcome is not Outcome.ALREADY_THERE:
        return done.outcome.value
    if mode == "move" and os.path.realpath(source) != os.path.realpath(to):
        raise CullerError(f"{source.name} stays where it was: {to} is a link to it already.")
    return "exists"


def _paced(steps: Generator[object, None, T], here: Progress) -> Generator[Progress, None, T]:
    """The steps to their result, saying `here` now and then, so that a cancel need not wait for a large
    file's end."""
    since = time.monotonic()
    try:
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            if time.monotonic() - since > STEP_S:
                since = time.monotonic()
                yield here
    finally:
        steps.close()


def _moved_back(item: ExportItem) -> ExportItem:
    if item.action != "moved":
        return item
    try:
        copying.move_file(item.to, item.path)
    except CullerError as error:
        return replace(item, message=f"{error} The file is in {item.to.parent} now.")
    text = f"{item.path.name} stays where it was: another file of its photo could not be moved."
    return replace(item, action="failed", message=text)
