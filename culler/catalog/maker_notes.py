"""What a second, slower look at few photos wrote: drive, bracketing and the camera's own rating."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, func, or_, select, update

from culler.catalog.database import Transaction
from culler.catalog.folders import inside
from culler.catalog.photos import rows
from culler.catalog.schema import DECISION, PHOTO
from culler.catalog.scopes import Scope
from culler.domain.photo import MakerFacts, PhotoId, PhotoKind

_UNREAD = or_(PHOTO.c.maker_revision.is_(None), PHOTO.c.maker_revision != PHOTO.c.revision)


def unread(tx: Transaction, photo_ids: Iterable[PhotoId]) -> list[PhotoId]:
    """Of these photos, those whose maker notes nobody has read at their present revision; in order."""
    wanted = list(photo_ids)
    found = rows(tx, wanted, PHOTO.c.id, PHOTO.c.revision, PHOTO.c.maker_revision)
    read = {row.id for row in found if row.maker_revision == row.revision}
    return [photo_id for photo_id in wanted if photo_id not in read]


def may_hide_a_rating(tx: Transaction, scopes: Sequence[Scope] | None, makes: Sequence[str]) -> list[PhotoId]:
    """Stills of some scopes (None: of all) by these makes, in small letters, that nobody has rated and
    whose maker notes are unread."""
    named = or_(*(func.lower(PHOTO.c.make).startswith(make) for make in makes))
    rated = select(DECISION.c.photo_id).where(DECISION.c.stars > 0)
    statement = select(PHOTO.c.id).where(
        PHOTO.c.kind == PhotoKind.STILL.value,
        PHOTO.c.missing == 0,
        PHOTO.c.camera_rating.is_(None),
        _UNREAD,
        named,
        PHOTO.c.id.not_in(rated),
    )
    if scopes is not None:
        statement = statement.where(or_(False, *(inside(scope) for scope in scopes)))
    return list(tx.execute(statement.order_by(PHOTO.c.relative_path)).scalars())


def write(tx: Transaction, read: Mapping[PhotoId, tuple[int, MakerFacts]]) -> set[PhotoId]:
    """Store what maker notes said of photos, with the revision they were read of; where a photo has
    changed since, nothing. Those whose rating is news: a rating known before stays."""
    now = {row.id: row for row in rows(tx, read, PHOTO.c.id, PHOTO.c.revision, PHOTO.c.camera_rating)}
    current = {key: said for key, (at, said) in read.items() if key in now and now[key].revision == at}
    rated = {
        key for key, said in current.items() if said.rating is not None and now[key].camera_rating is None
    }
    statement = (
        update(PHOTO)
        .where(PHOTO.c.id == bindparam("key"))
        .values(
            drive=bindparam("drive"),
            bracketing=bindparam("bracketing"),
            camera_rating=func.coalesce(PHOTO.c.camera_rating, bindparam("rating")),
            maker_revision=PHOTO.c.revision,
        )
    )
    values = [
        {"key": key, "drive": said.drive, "bracketing": said.bracketing, "rating": said.rating}
        for key, said in current.items()
    ]
    if values:
        tx.execute(statement, values)
    return rated
