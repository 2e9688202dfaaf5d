"""The tables. Declared as Core tables, for the mapper's import costs a third of the start; Core statements
move the data, domain values come out.

Every constraint has a name (batch migrations need them) and every index names its query.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

HEAD = "0002"
"""The migration this program expects."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _of(table: str, name: str = "", primary_key: bool = False) -> Column[int]:
    """A reference to a row that takes this one along when it goes."""
    reference = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(name or f"{table}_id", Integer, reference, primary_key=primary_key, nullable=False)


def _has(name: str, kind: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


FOLDER = Table(
    "folder",
    METADATA,
    _key(),
    _has("path", String, unique=True),  # absolute, as given, escaped where not UTF-8
    Column("raw_path", LargeBinary),  # true bytes where `path` is escaped
    _has("added_at", String),
)
"""A folder root. Roots never lie inside one another."""

PHOTO = Table(
    "photo",
    METADATA,
    _key(),
    _of("folder"),
    _has("relative_path", String),  # of the primary file
    _has("revision", Integer, default=1),
    _has("kind", String, default="still"),
    _has("missing", Integer, default=0),
    _has("added_at", String),
    # From the file's metadata.
    Column("width", Integer),
    Column("height", Integer),
    _has("orientation", Integer, default=1),
    Column("taken_us", BigInteger),  # camera clock, µs since 1970
    Column("utc_offset_s", Integer),
    Column("make", String),
    Column("model", String),
    Column("serial", String),
    Column("lens", String),
    Column("exposure_s", Float),
    Column("aperture", Float),
    Column("iso", Integer),
    Column("focal_mm", Float),
    Column("exposure_bias_ev", Float),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("camera_rating", Integer),
    # From its pixels, of this revision; NULL until decoded.
    Column("dhash", BigInteger),  # 64 bits, as a signed integer
    Column("damaged", String),  # a sentence, where only part could be decoded
    # From its maker notes, which few photos are asked for.
    Column("drive", String),
    Column("bracketing", String),
    Column("maker_revision", Integer),  # the revision they were read of; NULL until then
    UniqueConstraint("folder_id", "relative_path"),  # photos.ids_named
)
"""One photo: identity, revision, and what its files say of the moment."""

FILE = Table(
    "photo_file",
    METADATA,
    _of("folder", primary_key=True),
    Column("relative_path", String, primary_key=True),
    _of("photo"),
    _has("position", Integer),
    _has("role", String),
    _has("size_bytes", BigInteger),
    _has("mtime_ns", BigInteger),
    Column("raw_name", LargeBinary),
    _has("pinned", Integer, server_default="0"),  # 1: the user said which photo it belongs to
    Index("ix_photo_file_photo_id", "photo_id"),  # photos.get
)
"""One file of a photo; `position` 0 is the primary. A negative one (−1 for 0, and so on) remembers a
pinned file that was not there when its photo was last looked at (photo_files.absent)."""

ENCODER = Table(
    "encoder",
    METADATA,
    _key(),
    _has("name", String),
    _has("version", String),
    UniqueConstraint("name", "version"),
)
"""Who made an embedding."""

EMBEDDING = Table(
    "embedding",
    METADATA,
    _of("photo", primary_key=True),
    _of("encoder", primary_key=True),
    _has("revision", Integer),
    _has("dtype", String),  # float16 | float32, little-endian
    _has("vector", LargeBinary),
)
"""The latest embedding of a photo by an encoder; counts while its revision is the photo's."""

SCORER = Table(
    "scorer",
    METADATA,
    _key(),
    _has("name", String),
    _has("version", String),
    Column("encoder_id", Integer, ForeignKey("encoder.id", ondelete="SET NULL")),
    Column("checkpoint", String),  # the folder it was loaded from
    _has("is_current", Integer, default=0),
    UniqueConstraint("name", "version"),
)
"""A judge that has scored here. At most one is current."""

ASSESSMENT = Table(
    "assessment",
    METADATA,
    _of("photo", primary_key=True),
    _of("scorer", primary_key=True),
    Column("aspect", String, primary_key=True),
    _has("revision", Integer),
    _has("bad", Float),
    _has("poor", Float),
    _has("fair", Float),
    _has("good", Float),
    _has("excellent", Float),
    _has("created_at", String),
    Index("ix_assessment_scorer_id", "scorer_id", "aspect", "photo_id"),  # rank columns
)
"""Five raw logits, BAD … EXCELLENT, of one aspect; counts while its revision is the photo's."""

FACE = Table(
    "face",
    METADATA,
    _key(),
    _of("photo"),
    _of("encoder"),
    _has("revision", Integer),
    _has("left", Float),
    _has("top", Float),
    _has("right", Float),
    _has("bottom", Float),
    Column("landmarks", String),  # JSON [[x, y], …]: eyes, nose, mouth corners
    _has("confidence", Float),
    Column("sharpness", Float),
    Column("eyes", String),  # open | closed | NULL: can't tell
    Index("ix_face_photo_id", "photo_id"),
)
"""A face found in a photo, in fractions of the upright picture."""

DECISION = Table(
    "decision",
    METADATA,
    _of("photo", primary_key=True),
    _has("flag", String, default="none"),
    _has("stars", Integer, default=0),
    _has("label", String, default="none"),
    _has("changed_at", String),
    CheckConstraint("stars BETWEEN 0 AND 5", name="stars"),
)
"""The user's marks. A photo without a row is unmarked."""

EDIT = Table(
    "edit",
    METADATA,
    _key(),
    _has("title", String),
    _has("facet", String),
    _has("before", String),  # JSON {photo id: value}
    _has("after", String),
    _has("created_at", String),
    _has("undone", Integer, default=0),
)
"""The undo log. `undone` edits can be redone until the next new edit drops them."""

STACK_EDIT = Table(
    "stack_edit",
    METADATA,
    _key(),
    _has("kind", String),  # stack | unstack | split
    _has("photo_ids", String),  # JSON list
    _has("created_at", String),
    _has("undone", Integer, default=0),
)
"""What the user grouped or split by hand; wins over what is derived."""

PREFERENCE = Table(
    "preference",
    METADATA,
    _key(),
    _of("photo", "winner_id"),
    _of("photo", "loser_id"),
    _has("tie", Integer, default=0),
    _has("probability", Float, default=1.0),  # that the winner is better
    _has("source", String),  # user | model
    _has("question", String),  # the aspect asked about
    _has("created_at", String),
    _has("undone", Integer, default=0),
    Index("ix_preference_winner_id", "winner_id"),
    Index("ix_preference_loser_id", "loser_id"),
)
"""One answer to "which is better": the user's, or a comparing model's."""

SIDECAR = Table(
    "sidecar_state",
    METADATA,
    _of("photo", primary_key=True),
    Column("relative_path", String, primary_key=True),
    _has("digest", String),  # SHA-256 of the packet
    _has("flag", String),
    _has("stars", Integer),
    _has("label", String),
    _has("synced_at", String),
)
"""What we last read from or wrote to a sidecar, and the marks it held then."""

FAILURE = Table(
    "failure",
    METADATA,
    _of("photo", primary_key=True),
    Column("stage", String, primary_key=True),
    Column("source", String, primary_key=True, default=""),  # scorer, where it matters
    _has("revision", Integer),
    _has("message", String),
    _has("created_at", String),
)
"""Why a photo could not be read or scored; counts while its revision is the photo's."""
