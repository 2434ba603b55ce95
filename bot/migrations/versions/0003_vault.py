"""The vault of identities, and the audit log with its head and anchors

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
import bot.db


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


APPEND_ONLY = {
    'sqlite': [
        "create trigger audit_keeps before update on audit begin select raise(abort, 'audit is append-only'); end",
        "create trigger audit_stays before delete on audit begin select raise(abort, 'audit is append-only'); end",
        "create trigger audit_anchor_keeps before update on audit_anchor begin select raise(abort, 'audit_anchor is append-only'); end",
        "create trigger audit_anchor_stays before delete on audit_anchor begin select raise(abort, 'audit_anchor is append-only'); end",
    ],
    'postgresql': [
        "create function audit_is_append_only() returns trigger language plpgsql as 'begin raise exception ''audit is append-only''; end'",
        'create trigger audit_keeps before update on audit for each row execute function audit_is_append_only()',
        'create trigger audit_stays before delete on audit for each row execute function audit_is_append_only()',
        'create trigger audit_whole before truncate on audit for each statement execute function audit_is_append_only()',
        "create function audit_anchor_is_append_only() returns trigger language plpgsql as 'begin raise exception ''audit_anchor is append-only''; end'",
        'create trigger audit_anchor_keeps before update on audit_anchor for each row execute function audit_anchor_is_append_only()',
        'create trigger audit_anchor_stays before delete on audit_anchor for each row execute function audit_anchor_is_append_only()',
        'create trigger audit_anchor_whole before truncate on audit_anchor for each statement execute function audit_anchor_is_append_only()',
    ],
}


def upgrade() -> None:
    op.create_table('vault',
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('address_index', sa.String(), nullable=True),
    sa.Column('data_key', sa.LargeBinary(), nullable=True),
    sa.Column('address', sa.LargeBinary(), nullable=True),
    sa.Column('facts', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('erased_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('uid', name=op.f('pk_vault')),
    sa.UniqueConstraint('address_index', name=op.f('uq_vault_address_index'))
    )
    op.create_table('audit',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_subject'), ['subject'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('mac', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('audit_anchor',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('mac', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_audit_anchor'))
    )
    # A log that nobody rewrites.
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
