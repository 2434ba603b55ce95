"""first schema

Revision ID: 0001
Revises: -
"""

import sqlalchemy as sa
from alembic import op
import bot.db


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = {
    'sqlite': [
        "create trigger progress_keeps before update of id, uid, act, replaces, unit_id, task_id, person_id, on_behalf, door, inbox_uid, number, status, percent, percent_op, done, total, promised, confidence, at on progress begin select raise(abort, 'progress is append-only'); end",
        "create trigger progress_stays before delete on progress begin select raise(abort, 'progress is append-only'); end",
    ],
    'postgresql': [
        "create function progress_is_append_only() returns trigger language plpgsql as 'begin raise exception ''progress is append-only''; end'",
        'create trigger progress_keeps before update of id, uid, act, replaces, unit_id, task_id, person_id, on_behalf, door, inbox_uid, number, status, percent, percent_op, done, total, promised, confidence, at on progress for each row execute function progress_is_append_only()',
        'create trigger progress_stays before delete on progress for each row execute function progress_is_append_only()',
    ],
}


def upgrade() -> None:
    op.create_table('access_token',
    sa.Column('app', sa.String(), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=True),
    sa.Column('leased_until', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('app', name=op.f('pk_access_token'))
    )
    op.create_table('dead_target',
    sa.Column('audience', sa.String(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('code', sa.Integer(), nullable=True),
    sa.Column('since', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('audience', 'door', name=op.f('pk_dead_target'))
    )
    op.create_table('dialogue',
    sa.Column('conversation', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('conversation', name=op.f('pk_dialogue'))
    )
    op.create_table('district_fact',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_district_fact'))
    )
    op.create_table('inbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('conversation', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('received_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('handled_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('door', 'message_id', name=op.f('uq_inbox_door_message_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_inbox_uid'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_open_conversation', ['conversation', 'id'], unique=False, sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
        batch_op.create_index('ix_inbox_open_due', ['id', 'due_at'], unique=False, sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))

    op.create_table('job_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=True),
    sa.Column('created_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_request'))
    )
    op.create_table('media',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('inbox_uid', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('received_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_media')),
    sa.UniqueConstraint('inbox_uid', 'number', name=op.f('uq_media_inbox_uid_number')),
    sa.UniqueConstraint('uid', name=op.f('uq_media_uid'))
    )
    with op.batch_alter_table('media', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_state'), ['state'], unique=False)

    op.create_table('open_user',
    sa.Column('open_userid', sa.String(), nullable=False),
    sa.Column('spelled', sa.String(), nullable=False),
    sa.Column('userid', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('open_userid', name=op.f('pk_open_user'))
    )
    with op.batch_alter_table('open_user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_open_user_due_at'), ['due_at'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('audience', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('inbox_uid', sa.String(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('may_repeat', sa.Boolean(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('code', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=True),
    sa.Column('created_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('starts_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('first_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('done_at', bot.db.UTCDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key')),
    sa.UniqueConstraint('uid', name=op.f('uq_outbox_uid'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_audience', ['audience', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_inbox_uid'), ['inbox_uid'], unique=False)
        batch_op.create_index('ix_outbox_kept', ['done_at'], unique=False, sqlite_where=sa.text("body is not null and state in ('sent', 'expired')"), postgresql_where=sa.text("body is not null and state in ('sent', 'expired')"))
        batch_op.create_index('ix_outbox_open_due', ['due_at', 'id'], unique=False, sqlite_where=sa.text("state in ('waiting', 'sending')"), postgresql_where=sa.text("state in ('waiting', 'sending')"))
        batch_op.create_index('ix_outbox_open_lane', ['lane', 'id'], unique=False, sqlite_where=sa.text("state in ('waiting', 'sending')"), postgresql_where=sa.text("state in ('waiting', 'sending')"))

    op.create_table('pause',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('until', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_pause'))
    )
    op.create_table('revision',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_revision'))
    )
    op.create_table('send',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_send'))
    )
    with op.batch_alter_table('send', schema=None) as batch_op:
        batch_op.create_index('ix_send_lane_at', ['lane', 'at'], unique=False)

    op.create_table('tick',
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('due_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('job', 'due_at', name=op.f('pk_tick'))
    )
    op.create_table('unit',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('aliases', sa.JSON(), nullable=False),
    sa.Column('parent', sa.String(), nullable=True),
    sa.Column('assigned_section', sa.String(), nullable=True),
    sa.Column('leader', sa.String(), nullable=True),
    sa.Column('head', sa.String(), nullable=True),
    sa.Column('peer_group', sa.String(), nullable=True),
    sa.Column('reports_via_parent', sa.Boolean(), nullable=False),
    sa.Column('left', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['assigned_section'], ['unit.id'], name=op.f('fk_unit_assigned_section_unit')),
    sa.ForeignKeyConstraint(['parent'], ['unit.id'], name=op.f('fk_unit_parent_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit'))
    )
    op.create_table('weekly_click',
    sa.Column('card', sa.String(), nullable=False),
    sa.Column('choice', sa.String(), nullable=False),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('confirmed', sa.JSON(), nullable=False),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('reported', sa.JSON(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('card', name=op.f('pk_weekly_click'))
    )
    op.create_table('weekly_round',
    sa.Column('week', sa.String(), nullable=False),
    sa.Column('starts_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('opened_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('closes_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('week', name=op.f('pk_weekly_round'))
    )
    with op.batch_alter_table('weekly_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_weekly_round_closes_at'), ['closes_at'], unique=False)

    op.create_table('chat',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('members', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=True),
    sa.Column('robot_chat', sa.String(), nullable=True),
    sa.Column('webhook_key', sa.LargeBinary(), nullable=True),
    sa.Column('max_push_per_day', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_chat_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat')),
    sa.UniqueConstraint('robot_chat', name=op.f('uq_chat_robot_chat'))
    )
    op.create_table('person',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('userid', sa.String(), nullable=False),
    sa.Column('left', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_person_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('userid', name=op.f('uq_person_userid'))
    )
    op.create_table('task',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('aliases', sa.JSON(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('standard', sa.String(), nullable=False),
    sa.Column('lead', sa.String(), nullable=False),
    sa.Column('reporters', sa.String(), nullable=False),
    sa.Column('metric', sa.String(), nullable=False),
    sa.Column('target', sa.Integer(), nullable=True),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('cadence', sa.String(), nullable=False),
    sa.Column('runs_in_break', sa.Boolean(), nullable=False),
    sa.Column('approval_ref', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('left', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['lead'], ['unit.id'], name=op.f('fk_task_lead_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task'))
    )
    op.create_table('weekly_ask',
    sa.Column('week', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('task_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['week'], ['weekly_round.week'], name=op.f('fk_weekly_ask_week_weekly_round')),
    sa.PrimaryKeyConstraint('week', 'person_id', 'number', name=op.f('pk_weekly_ask')),
    sa.UniqueConstraint('week', 'unit_id', 'task_id', name=op.f('uq_weekly_ask_week_unit_id_task_id'))
    )
    op.create_table('binding_request',
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('chat_id', sa.String(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chat_id'], ['chat.id'], name=op.f('fk_binding_request_chat_id_chat')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_binding_request_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_binding_request'))
    )
    op.create_table('progress',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('replaces', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.String(), nullable=False),
    sa.Column('task_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('on_behalf', sa.Boolean(), nullable=False),
    sa.Column('door', sa.String(), nullable=False),
    sa.Column('inbox_uid', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.String(), nullable=True),
    sa.Column('percent', sa.Double(), nullable=True),
    sa.Column('percent_op', sa.String(), nullable=True),
    sa.Column('done', sa.Integer(), nullable=True),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('promised', sa.Date(), nullable=True),
    sa.Column('blocker', sa.LargeBinary(), nullable=True),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('at', bot.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('percent is null or (percent >= 0 and percent <= 100)', name=op.f('ck_progress_percent_range')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_progress_person_id_person')),
    sa.ForeignKeyConstraint(['replaces'], ['progress.id'], name=op.f('fk_progress_replaces_progress')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_progress_task_id_task')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_progress_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress')),
    sa.UniqueConstraint('inbox_uid', 'number', name=op.f('uq_progress_inbox_uid_number')),
    sa.UniqueConstraint('uid', name=op.f('uq_progress_uid'))
    )
    with op.batch_alter_table('progress', schema=None) as batch_op:
        batch_op.create_index('ix_progress_at', ['at'], unique=False)
        batch_op.create_index('ix_progress_person', ['person_id', 'id'], unique=False)
        batch_op.create_index('ix_progress_replaces', ['replaces'], unique=False)
        batch_op.create_index('ix_progress_standing', ['unit_id', 'task_id', 'id', 'act', 'replaces', 'at'], unique=False)
    # A history that nobody rewrites: only the sealed columns may be sealed anew.
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
