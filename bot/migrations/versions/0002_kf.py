"""Tables of kf: what accounts have been read, what lanes may still get; messages put aside, and urgent ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PARKED = sa.text("state = 'parked'")


def upgrade() -> None:
    op.create_table(
        "pull",
        sa.Column("open_kfid", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_at", bot.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("wakes", sa.Integer(), nullable=False),
        sa.Column("due_at", bot.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("leased_until", bot.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("started_at", bot.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("pulled_at", bot.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("open_kfid", name=op.f("pk_pull")),
    )
    op.create_table(
        "allowance",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("since", bot.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_allowance")),
    )
    op.add_column("outbox", sa.Column("is_urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_outbox_parked", "outbox", ["lane"], sqlite_where=_PARKED, postgresql_where=_PARKED)


def downgrade() -> None:
    op.drop_index("ix_outbox_parked", table_name="outbox")
    op.drop_column("outbox", "is_urgent")
    op.drop_table("allowance")
    op.drop_table("pull")
