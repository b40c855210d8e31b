"""On PostgreSQL, an insert of deliveries tells the worker, when it is committed."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHANNEL = "gameball_deliveries"


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    table = schema_editor.quote_name(apps.get_model("gameball", "Delivery")._meta.db_table)
    schema_editor.execute(
        f"CREATE FUNCTION gameball_notify() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL; END $$"
    )
    schema_editor.execute(
        f"CREATE TRIGGER gameball_notify AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE PROCEDURE gameball_notify()"
    )


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    table = schema_editor.quote_name(apps.get_model("gameball", "Delivery")._meta.db_table)
    schema_editor.execute(f"DROP TRIGGER IF EXISTS gameball_notify ON {table}")
    schema_editor.execute("DROP FUNCTION IF EXISTS gameball_notify()")


class Migration(migrations.Migration):
    dependencies = [("gameball", "0001_initial")]
    # The hint lets a database router keep it to the database that has the table.
    operations = [migrations.RunPython(create, drop, hints={"model_name": "delivery"})]
