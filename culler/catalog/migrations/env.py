"""Alembic's environment: always online, on the connection that the catalog hands over."""

from alembic import context

from culler.catalog.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
