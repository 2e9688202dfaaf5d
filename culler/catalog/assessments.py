"""Scorers and their assessments: what is pending, and what has been said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert

from culler.catalog.database import Transaction, new_key, now
from culler.catalog.embeddings import encoder_key
from culler.catalog.keys import chunks
from culler.catalog.rows import BLOCKING
from culler.catalog.schema import ASSESSMENT, EMBEDDING, ENCODER, FAILURE, PHOTO, SCORER
from culler.domain.assessment import Aspect, Assessment, EncoderId, Logits, ScorerId, Stage
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId, PhotoKind

LOGITS = ("bad", "poor", "fair", "good", "excellent")
LEVEL_COLUMNS = ("bad", "poor", "fair", "good", "excellent")


@dataclass(frozen=True, slots=True)
class ScorerRecord:
    """A scorer that this catalog knows."""

    scorer: ScorerId
    encoder: EncoderId | None
    checkpoint: str | None
    is_current: bool


def register(
    tx: Transaction, scorer: ScorerId, encoder: EncoderId | None, checkpoint: str | None, current: bool
) -> int:
    """The catalog's key of a scorer, new or known; makes it the current one if asked."""
    key_of_encoder = None if encoder is None else encoder_key(tx, encoder)
    key = scorer_key(tx, scorer)
    if key is None:
        values = {"name": scorer.name, "version": scorer.version, "is_current": 0}
        key = new_key(tx, plain_insert(SCORER).values(**values))
    tx.execute(
        update(SCORER).where(SCORER.c.id == key).values(encoder_id=key_of_encoder, checkpoint=checkpoint)
    )
    if current:
        set_current(tx, scorer)
    return int(key)


def set_current(tx: Transaction, scorer: ScorerId) -> None:
    """Make a known scorer the one that ranking and the window use."""
    is_it = (SCORER.c.name == scorer.name) & (SCORER.c.version == scorer.version)
    tx.execute(update(SCORER).values(is_current=is_it))


def scorers(tx: Transaction) -> list[ScorerRecord]:
    """Every scorer that has scored here, the latest first."""
    statement = (
        select(SCORER, ENCODER.c.name.label("encoder_name"), ENCODER.c.version.label("encoder_version"))
        .outerjoin(ENCODER, ENCODER.c.id == SCORER.c.encoder_id)
        .order_by(SCORER.c.id.desc())
    )
    return [
        ScorerRecord(
            ScorerId(row.name, row.version),
            None if row.encoder_name is None else EncoderId(row.encoder_name, row.encoder_version),
            row.checkpoint,
            bool(row.is_current),
        )
        for row in tx.execute(statement)
    ]


def current(tx: Transaction) -> ScorerRecord | None:
    """The current scorer; None before the first score."""
    return next((record for record in scorers(tx) if record.is_current), None)


def pending(
    tx: Transaction,
    photo_ids: Iterable[PhotoId],
    scorer: ScorerId,
    aspects: Sequence[Aspect],
    source: str,
    clip_aspects: Sequence[Aspect] | None = None,
) -> list[PhotoId]:
    """Of these photos, those that lack one of the aspects (clips: of `clip_aspects`, where these are
    others) at their present revision and have not failed at it; in the order given."""
    key = scorer_key(tx, scorer)
    wanted = list(photo_ids)
    names = [aspect.value for aspect in aspects]
    clip_names = names if clip_aspects is None else [aspect.value for aspect in clip_aspects]
    settled: set[PhotoId] = set()
    for ids in chunks(wanted):
        said = {} if key is None else _counts(tx, ids, key, names)
        clips: set[PhotoId] = set()
        clip_said: dict[PhotoId, int] = {}
        if clip_names != names:
            is_clip = (PHOTO.c.kind == PhotoKind.VIDEO.value) & PHOTO.c.id.in_(ids)
            clips = set(tx.execute(select(PHOTO.c.id).where(is_clip)).scalars())
            clip_said = {} if key is None else _counts(tx, list(clips), key, clip_names)
        settled.update(
            photo_id
            for photo_id in ids
            if (
                clip_said.get(photo_id, 0) == len(clip_names)
                if photo_id in clips
                else said.get(photo_id, 0) == len(names)
            )
        )
        failed = (
            select(FAILURE.c.photo_id)
            .join(PHOTO, (PHOTO.c.id == FAILURE.c.photo_id) & (PHOTO.c.revision == FAILURE.c.revision))
            .where(
                FAILURE.c.photo_id.in_(ids), FAILURE.c.stage.in_(BLOCKING), FAILURE.c.source.in_(["", source])
            )
        )
        settled.update(tx.execute(failed).scalars())
    return [photo_id for photo_id in wanted if photo_id not in settled]


def _counts(tx: Transaction, ids: Sequence[PhotoId], key: int, names: Sequence[str]) -> dict[PhotoId, int]:
    """How many of the named aspects a scorer has answered at the photos' present revisions."""
    statement = (
        select(ASSESSMENT.c.photo_id, func.count())
        .join(PHOTO, (PHOTO.c.id == ASSESSMENT.c.photo_id) & (PHOTO.c.revision == ASSESSMENT.c.revision))
        .where(ASSESSMENT.c.scorer_id == key, ASSESSMENT.c.aspect.in_(names), ASSESSMENT.c.photo_id.in_(ids))
        .group_by(ASSESSMENT.c.photo_id)
    )
    return {photo_id: count for photo_id, count in tx.execute(statement)}


def write(tx: Transaction, scorer: ScorerId, assessments: Sequence[Assessment]) -> None:
    """Store assessments; one that is there for the same revision keeps its `created_at` and its logits."""
    key = scorer_key(tx, scorer)
    assert key is not None, f"{scorer} is registered before it writes"
    moment = now()
    values = [
        {
            "photo_id": item.photo_id,
            "scorer_id": key,
            "aspect": item.aspect.value,
            "revision": item.revision,
            **dict(zip(LEVEL_COLUMNS, map(float, item.logits), strict=True)),
            "created_at": moment,
        }
        for item in assessments
    ]
    if values:
        new = insert(ASSESSMENT)
        told = {name: new.excluded[name] for name in ("revision", *LEVEL_COLUMNS, "created_at")}
        newer = ASSESSMENT.c.revision != new.excluded.revision
        tx.execute(new.on_conflict_do_update(set_=told, where=newer), values)


def forget(tx: Transaction, scorer: ScorerId, photo_ids: Iterable[PhotoId], source: str) -> None:
    """Drop a scorer's assessments and failures of some photos, to score them again."""
    key = scorer_key(tx, scorer)
    for ids in chunks(photo_ids):
        tx.execute(
            delete(FAILURE).where(
                FAILURE.c.photo_id.in_(ids),
                FAILURE.c.stage != Stage.SCAN.value,
                FAILURE.c.source.in_(["", source]),
            )
        )
        if key is not None:
            tx.execute(
                delete(ASSESSMENT).where(ASSESSMENT.c.photo_id.in_(ids), ASSESSMENT.c.scorer_id == key)
            )


def drop(tx: Transaction, scorer: ScorerId) -> None:
    """Forget a scorer and everything it said."""
    tx.execute(delete(SCORER).where(SCORER.c.name == scorer.name, SCORER.c.version == scorer.version))


def levels_of(
    tx: Transaction, photo_ids: Iterable[PhotoId], scorer: ScorerId
) -> dict[PhotoId, dict[Aspect, LevelDistribution]]:
    """A scorer's distributions at the photos' present revisions; unscored photos are absent."""
    found: dict[PhotoId, dict[Aspect, LevelDistribution]] = {}
    for photo_id, by_scorer in answers_of(tx, photo_ids, scorer).items():
        found[photo_id] = by_scorer[scorer]
    return found


def answers_of(
    tx: Transaction, photo_ids: Iterable[PhotoId], scorer: ScorerId | None = None
) -> dict[PhotoId, dict[ScorerId, dict[Aspect, LevelDistribution]]]:
    """Distributions by photo and scorer (of one scorer, or of all)."""
    found: dict[PhotoId, dict[ScorerId, dict[Aspect, LevelDistribution]]] = {}
    for ids in chunks(photo_ids):
        statement = (
            select(ASSESSMENT, SCORER.c.name, SCORER.c.version)
            .join(PHOTO, (PHOTO.c.id == ASSESSMENT.c.photo_id) & (PHOTO.c.revision == ASSESSMENT.c.revision))
            .join(SCORER, SCORER.c.id == ASSESSMENT.c.scorer_id)
            .where(ASSESSMENT.c.photo_id.in_(ids))
        )
        if scorer is not None:
            statement = statement.where(SCORER.c.name == scorer.name, SCORER.c.version == scorer.version)
        for row in tx.execute(statement):
            by_scorer = found.setdefault(row.photo_id, {}).setdefault(ScorerId(row.name, row.version), {})
            by_scorer[Aspect(row.aspect)] = LevelDistribution.from_logits(_logits(row))
    return found


def logits_of(tx: Transaction, scorer: ScorerId, aspect: Aspect) -> dict[PhotoId, Logits]:
    """All of a scorer's answers about one aspect at the photos' present revisions, by rising id."""
    statement = (
        select(ASSESSMENT)
        .join(PHOTO, (PHOTO.c.id == ASSESSMENT.c.photo_id) & (PHOTO.c.revision == ASSESSMENT.c.revision))
        .where(ASSESSMENT.c.scorer_id == scorer_key(tx, scorer), ASSESSMENT.c.aspect == aspect.value)
        .order_by(ASSESSMENT.c.photo_id)
    )
    return {row.photo_id: _logits(row) for row in tx.execute(statement)}


def count_with_embedding(tx: Transaction, scorer: ScorerId, aspect: Aspect, encoder: EncoderId) -> int:
    """How many photos have, at their present revision, this answer and this encoder's embedding."""
    a, e = ASSESSMENT.c, EMBEDDING.c
    statement = (
        select(func.count())
        .select_from(ASSESSMENT)
        .join(PHOTO, (PHOTO.c.id == a.photo_id) & (PHOTO.c.revision == a.revision))
        .join(EMBEDDING, (e.photo_id == a.photo_id) & (e.revision == a.revision))
        .join(ENCODER, ENCODER.c.id == e.encoder_id)
        .where(
            a.scorer_id == scorer_key(tx, scorer),
            a.aspect == aspect.value,
            ENCODER.c.name == encoder.name,
            ENCODER.c.version == encoder.version,
        )
    )
    return int(tx.execute(statement).scalar_one())


def scorer_key(tx: Transaction, scorer: ScorerId) -> int | None:
    """The catalog's key of a scorer; None when it has never scored here."""
    return tx.execute(
        select(SCORER.c.id).where(SCORER.c.name == scorer.name, SCORER.c.version == scorer.version)
    ).scalar()


def _logits(row: object) -> Logits:
    return (row.bad, row.poor, row.fair, row.good, row.excellent)  # type: ignore[attr-defined]
