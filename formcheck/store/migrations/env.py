"""What alembic runs: the steps, on the connection and inside the transaction that `connect` hands over."""

from alembic import context

from formcheck.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
