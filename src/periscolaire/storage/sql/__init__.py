"""A store in SQL: SQLite by default, PostgreSQL when several machines share it."""
