"""The tables. Classes declare, Core statements move the data, domain values come out.

Every constraint has a name (batch migrations need them) and every index names its query.
"""

from typing import cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0001"
"""The migration this program expects."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _photo_key(primary_key: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey("photo.id", ondelete="CASCADE"), primary_key=primary_key)


class Folder(Base):
    """A folder root. Roots never lie inside one another."""

    __tablename__ = "folder"
    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String, unique=True)  # absolute, as given, escaped where not UTF-8
    raw_path: Mapped[bytes | None] = mapped_column(LargeBinary)  # true bytes where `path` is escaped
    added_at: Mapped[str] = mapped_column(String)


class Photo(Base):
    """One photo: identity, revision, and what its files say of the moment."""

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folder.id", ondelete="CASCADE"))
    relative_path: Mapped[str] = mapped_column(String)  # of the primary file
    revision: Mapped[int] = mapped_column(Integer, default=1)
    kind: Mapped[str] = mapped_column(String, default="still")
    missing: Mapped[int] = mapped_column(Integer, default=0)
    added_at: Mapped[str] = mapped_column(String)
    # From the file's metadata.
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    orientation: Mapped[int] = mapped_column(Integer, default=1)
    taken_us: Mapped[int | None] = mapped_column(BigInteger)  # camera clock, µs since 1970
    utc_offset_s: Mapped[int | None] = mapped_column(Integer)
    make: Mapped[str | None] = mapped_column(String)
    model: Mapped[str | None] = mapped_column(String)
    serial: Mapped[str | None] = mapped_column(String)
    lens: Mapped[str | None] = mapped_column(String)
    exposure_s: Mapped[float | None] = mapped_column(Float)
    aperture: Mapped[float | None] = mapped_column(Float)
    iso: Mapped[int | None] = mapped_column(Integer)
    focal_mm: Mapped[float | None] = mapped_column(Float)
    exposure_bias_ev: Mapped[float | None] = mapped_column(Float)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    camera_rating: Mapped[int | None] = mapped_column(Integer)
    # From its pixels, of this revision; NULL until decoded.
    dhash: Mapped[int | None] = mapped_column(BigInteger)  # 64 bits, as a signed integer
    damaged: Mapped[str | None] = mapped_column(String)  # a sentence, where only part could be decoded
    __table_args__ = (UniqueConstraint("folder_id", "relative_path"),)  # photos.id_at


class PhotoFile(Base):
    """One file of a photo; `position` 0 is the primary."""

    __tablename__ = "photo_file"
    folder_id: Mapped[int] = mapped_column(ForeignKey("folder.id", ondelete="CASCADE"), primary_key=True)
    relative_path: Mapped[str] = mapped_column(String, primary_key=True)
    photo_id: Mapped[int] = _photo_key()
    position: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    raw_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    __table_args__ = (Index("ix_photo_file_photo_id", "photo_id"),)  # photos.get


class Encoder(Base):
    """Who made an embedding."""

    __tablename__ = "encoder"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String)
    version: Mapped[str] = mapped_column(String)
    __table_args__ = (UniqueConstraint("name", "version"),)


class Embedding(Base):
    """The latest embedding of a photo by an encoder; counts while its revision is the photo's."""

    __tablename__ = "embedding"
    photo_id: Mapped[int] = _photo_key(primary_key=True)
    encoder_id: Mapped[int] = mapped_column(ForeignKey("encoder.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    dtype: Mapped[str] = mapped_column(String)  # float16 | float32, little-endian
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class Scorer(Base):
    """A judge that has scored here. At most one is current."""

    __tablename__ = "scorer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String)
    version: Mapped[str] = mapped_column(String)
    encoder_id: Mapped[int | None] = mapped_column(ForeignKey("encoder.id", ondelete="SET NULL"))
    checkpoint: Mapped[str | None] = mapped_column(String)  # the folder it was loaded from
    is_current: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (UniqueConstraint("name", "version"),)


class Assessment(Base):
    """Five raw logits, BAD … EXCELLENT, of one aspect; counts while its revision is the photo's."""

    __tablename__ = "assessment"
    photo_id: Mapped[int] = _photo_key(primary_key=True)
    scorer_id: Mapped[int] = mapped_column(ForeignKey("scorer.id", ondelete="CASCADE"), primary_key=True)
    aspect: Mapped[str] = mapped_column(String, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    bad: Mapped[float] = mapped_column(Float)
    poor: Mapped[float] = mapped_column(Float)
    fair: Mapped[float] = mapped_column(Float)
    good: Mapped[float] = mapped_column(Float)
    excellent: Mapped[float] = mapped_column(Float)
    created_at: Mapped[str] = mapped_column(String)
    __table_args__ = (Index("ix_assessment_scorer_id", "scorer_id", "aspect", "photo_id"),)  # rank columns


class Face(Base):
    """A face found in a photo, in fractions of the upright picture."""

    __tablename__ = "face"
    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = _photo_key()
    encoder_id: Mapped[int] = mapped_column(ForeignKey("encoder.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(Integer)
    left: Mapped[float] = mapped_column(Float)
    top: Mapped[float] = mapped_column(Float)
    right: Mapped[float] = mapped_column(Float)
    bottom: Mapped[float] = mapped_column(Float)
    landmarks: Mapped[str | None] = mapped_column(String)  # JSON [[x, y], …]: eyes, nose, mouth corners
    confidence: Mapped[float] = mapped_column(Float)
    sharpness: Mapped[float | None] = mapped_column(Float)
    eyes: Mapped[str | None] = mapped_column(String)  # open | closed | NULL: can't tell
    __table_args__ = (Index("ix_face_photo_id", "photo_id"),)


class Decision(Base):
    """The user's marks. A photo without a row is unmarked."""

    __tablename__ = "decision"
    photo_id: Mapped[int] = _photo_key(primary_key=True)
    flag: Mapped[str] = mapped_column(String, default="none")
    stars: Mapped[int] = mapped_column(Integer, default=0)
    label: Mapped[str] = mapped_column(String, default="none")
    changed_at: Mapped[str] = mapped_column(String)
    __table_args__ = (CheckConstraint("stars BETWEEN 0 AND 5", name="stars"),)


class Edit(Base):
    """The undo log. `undone` edits can be redone until the next new edit drops them."""

    __tablename__ = "edit"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String)
    facet: Mapped[str] = mapped_column(String)
    before: Mapped[str] = mapped_column(String)  # JSON {photo id: value}
    after: Mapped[str] = mapped_column(String)
    created_at: Mapped[str] = mapped_column(String)
    undone: Mapped[int] = mapped_column(Integer, default=0)


class StackEdit(Base):
    """What the user grouped or split by hand; wins over what is derived."""

    __tablename__ = "stack_edit"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String)  # stack | unstack | split
    photo_ids: Mapped[str] = mapped_column(String)  # JSON list
    created_at: Mapped[str] = mapped_column(String)
    undone: Mapped[int] = mapped_column(Integer, default=0)


class Preference(Base):
    """One answer to "which is better": the user's, or a comparing model's."""

    __tablename__ = "preference"
    id: Mapped[int] = mapped_column(primary_key=True)
    winner_id: Mapped[int] = _photo_key()
    loser_id: Mapped[int] = _photo_key()
    tie: Mapped[int] = mapped_column(Integer, default=0)
    probability: Mapped[float] = mapped_column(Float, default=1.0)  # that the winner is better
    source: Mapped[str] = mapped_column(String)  # user | model
    question: Mapped[str] = mapped_column(String)  # the aspect asked about
    created_at: Mapped[str] = mapped_column(String)
    undone: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (
        Index("ix_preference_winner_id", "winner_id"),
        Index("ix_preference_loser_id", "loser_id"),
    )


class SidecarState(Base):
    """What we last read from or wrote to a sidecar, and the marks it held then."""

    __tablename__ = "sidecar_state"
    photo_id: Mapped[int] = _photo_key(primary_key=True)
    relative_path: Mapped[str] = mapped_column(String, primary_key=True)
    digest: Mapped[str] = mapped_column(String)  # SHA-256 of the packet
    flag: Mapped[str] = mapped_column(String)
    stars: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String)
    synced_at: Mapped[str] = mapped_column(String)


class Failure(Base):
    """Why a photo could not be read or scored; counts while its revision is the photo's."""

    __tablename__ = "failure"
    photo_id: Mapped[int] = _photo_key(primary_key=True)
    stage: Mapped[str] = mapped_column(String, primary_key=True)
    source: Mapped[str] = mapped_column(String, primary_key=True, default="")  # scorer, where it matters
    revision: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(String)
    created_at: Mapped[str] = mapped_column(String)


# The tables that Core statements are written on.
FOLDER = cast(Table, Folder.__table__)
PHOTO = cast(Table, Photo.__table__)
FILE = cast(Table, PhotoFile.__table__)
ENCODER = cast(Table, Encoder.__table__)
EMBEDDING = cast(Table, Embedding.__table__)
SCORER = cast(Table, Scorer.__table__)
ASSESSMENT = cast(Table, Assessment.__table__)
FACE = cast(Table, Face.__table__)
DECISION = cast(Table, Decision.__table__)
EDIT = cast(Table, Edit.__table__)
STACK_EDIT = cast(Table, StackEdit.__table__)
PREFERENCE = cast(Table, Preference.__table__)
SIDECAR = cast(Table, SidecarState.__table__)
FAILURE = cast(Table, Failure.__table__)
