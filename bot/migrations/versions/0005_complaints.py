"""Cases of complaints, with their history, words, notices, clocks and numbers

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
import bot.db


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


APPEND_ONLY = {
    'sqlite': [
        "create trigger complaint_event_keeps before update on complaint_event begin select raise(abort, 'complaint_event is append-only'); end",
        "create trigger complaint_event_stays before delete on complaint_event begin select raise(abort, 'complaint_event is append-only'); end",
    ],
    'postgresql': [
        "create function complaint_event_is_append_only() returns trigger language plpgsql as 'begin raise exception ''complaint_event is append-only''; end'",
        'create trigger complaint_event_keeps before update on complaint_event for each row execute function complaint_event_is_append_only()',
        'create trigger complaint_event_stays before delete on complaint_event for each row execute function complaint_event_is_append_only()',
        'create trigger complaint_event_whole before truncate on complaint_event for each statement execute function complaint_event_is_append_only()',
    ],
}


def upgrade() -> None:
    op.create_table('complaint_attempt',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('blocked_until', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_complaint_attempt'))
    )
    op.create_table('complaint_case',
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('serial', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=True),
    sa.Column('excluded', sa.JSON(), nullable=False),
    sa.Column('dangers', sa.JSON(), nullable=False),
    sa.Column('is_minor', sa.Boolean(), nullable=False),
    sa.Column('is_named', sa.Boolean(), nullable=False),
    sa.Column('is_over_limit', sa.Boolean(), nullable=False),
    sa.Column('notice_version', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('proposed_by', sa.String(), nullable=True),
    sa.Column('proposal', sa.String(), nullable=True),
    sa.Column('wants_out_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('goes_on_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('pressed_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('opened_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('queued_told_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('received_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('uid', name=op.f('pk_complaint_case')),
    sa.UniqueConstraint('number', name=op.f('uq_complaint_case_number')),
    sa.UniqueConstraint('origin', name=op.f('uq_complaint_case_origin')),
    sa.UniqueConstraint('series', 'year', 'serial', name=op.f('uq_complaint_case_series_year_serial'))
    )
    with op.batch_alter_table('complaint_case', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_case_person', ['person', 'received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_complaint_case_proposal'), ['proposal'], unique=False)
        batch_op.create_index('ix_complaint_case_received', ['received_at'], unique=False)
        batch_op.create_index('ix_complaint_case_state', ['state', 'received_at'], unique=False)

    op.create_table('complaint_serial',
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', 'year', name=op.f('pk_complaint_serial'))
    )
    op.create_table('complaint_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_uid'], ['complaint_case.uid'], name=op.f('fk_complaint_access_case_uid_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_access'))
    )
    with op.batch_alter_table('complaint_access', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_access_case', ['case_uid', 'id'], unique=False)

    op.create_table('complaint_clock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('starts_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('missing', sa.Date(), nullable=True),
    sa.Column('paused_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('pauses', sa.JSON(), nullable=False),
    sa.Column('warned', sa.Integer(), nullable=False),
    sa.Column('ended_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_uid'], ['complaint_case.uid'], name=op.f('fk_complaint_clock_case_uid_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_clock'))
    )
    with op.batch_alter_table('complaint_clock', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_clock_case', ['case_uid', 'id'], unique=False)
        batch_op.create_index('ix_complaint_clock_open', ['ended_at', 'due_at'], unique=False)

    op.create_table('complaint_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['case_uid'], ['complaint_case.uid'], name=op.f('fk_complaint_event_case_uid_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_event')),
    sa.UniqueConstraint('uid', name=op.f('uq_complaint_event_uid'))
    )
    with op.batch_alter_table('complaint_event', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_event_case', ['case_uid', 'id'], unique=False)

    op.create_table('complaint_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('created_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('delivered_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('via', sa.String(), nullable=False),
    sa.Column('failed_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('told_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_uid'], ['complaint_case.uid'], name=op.f('fk_complaint_notice_case_uid_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_notice')),
    sa.UniqueConstraint('uid', name=op.f('uq_complaint_notice_uid'))
    )
    with op.batch_alter_table('complaint_notice', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_notice_case', ['case_uid', 'id'], unique=False)

    op.create_table('complaint_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('case_uid', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_uid'], ['complaint_case.uid'], name=op.f('fk_complaint_text_case_uid_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_text')),
    sa.UniqueConstraint('uid', name=op.f('uq_complaint_text_uid'))
    )
    with op.batch_alter_table('complaint_text', schema=None) as batch_op:
        batch_op.create_index('ix_complaint_text_case', ['case_uid', 'id'], unique=False)
    # A history that nobody rewrites.
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table('complaint_text', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_text_case')

    op.drop_table('complaint_text')
    with op.batch_alter_table('complaint_notice', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_notice_case')

    op.drop_table('complaint_notice')
    with op.batch_alter_table('complaint_event', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_event_case')

    op.drop_table('complaint_event')
    with op.batch_alter_table('complaint_clock', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_clock_open')
        batch_op.drop_index('ix_complaint_clock_case')

    op.drop_table('complaint_clock')
    with op.batch_alter_table('complaint_access', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_access_case')

    op.drop_table('complaint_access')
    op.drop_table('complaint_serial')
    with op.batch_alter_table('complaint_case', schema=None) as batch_op:
        batch_op.drop_index('ix_complaint_case_state')
        batch_op.drop_index('ix_complaint_case_received')
        batch_op.drop_index(batch_op.f('ix_complaint_case_proposal'))
        batch_op.drop_index('ix_complaint_case_person')

    op.drop_table('complaint_case')
    op.drop_table('complaint_attempt')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('drop function complaint_event_is_append_only()')
