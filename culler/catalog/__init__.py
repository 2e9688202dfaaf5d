"""The SQLite catalog through SQLAlchemy: the only code that touches the database."""
