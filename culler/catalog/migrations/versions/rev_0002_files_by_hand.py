"""What maker notes say of drive and bracketing, and which files the user put together or apart."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("photo", sa.Column("drive", sa.String(), nullable=True))
    op.add_column("photo", sa.Column("bracketing", sa.String(), nullable=True))
    op.add_column("photo", sa.Column("maker_revision", sa.Integer(), nullable=True))
    op.add_column("photo_file", sa.Column("pinned", sa.Integer(), server_default="0", nullable=False))
