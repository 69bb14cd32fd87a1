"""The only room that stores: tables, rows ↔ engine values, migrations."""
