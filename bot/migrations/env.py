"""Alembic's environment: runs within one transaction of bot.db; see bot.schema."""

from alembic import context

config = context.config

with config.attributes["transaction"]() as session:
    context.configure(
        connection=session.connection(),
        target_metadata=config.attributes["metadata"],
        render_as_batch=True,
        compare_type=True,
    )
    context.run_migrations()
