"""Tables of guard: blind marks of secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('guard_owner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('owner', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guard_owner')),
    sa.UniqueConstraint('case_uid', 'owner', name=op.f('uq_guard_owner_case_uid_owner'))
    )
    op.create_table('guard_mark',
    sa.Column('mark', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('owner_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('secret', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('whole', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['guard_owner.id'], name=op.f('fk_guard_mark_owner_id_guard_owner')),
    sa.PrimaryKeyConstraint('mark', 'owner_id', 'secret', 'size', 'whole', name=op.f('pk_guard_mark')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('guard_mark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_guard_mark_owner_id'), ['owner_id'], unique=False)


def downgrade() -> None:
    op.drop_table('guard_mark')
    op.drop_table('guard_owner')
