"""Fact: writes go to the primary; reads go where an instance came from, else to the primary."""

from typing import Any


class PrimaryReplicaRouter:
    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return True
