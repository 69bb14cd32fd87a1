"""The real application, and two routes that show the ceiling of what it stands on."""

from flask import Flask, request
from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, insert

from web.access import Permission, house, needs
from web.app import create_app
from web.config import Settings
from web.now import now

ROWS = Table(
    "ceiling",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("text", String(200)),
    Column("at", DateTime(timezone=True)),
)


def make() -> Flask:
    """The application that gunicorn serves."""
    app = create_app(Settings())

    @app.post("/ceiling/nothing")
    @needs(Permission.SIT)
    def nothing() -> dict[str, str]:
        return {"said": request.form.get("item", "")}

    @app.post("/ceiling/row")
    @needs(Permission.SIT)
    def row() -> dict[str, str]:
        with house().db.write() as connection:
            connection.execute(insert(ROWS).values(text=request.form.get("item", ""), at=now()))
        return {"said": request.form.get("item", "")}

    return app
