"""Small facts about the installation, by key."""

from sqlalchemy import bindparam, select

from knowledge.store.audit import Audit
from knowledge.store.schema import state
from knowledge.store.transaction import Collection, Transaction, writes

_VALUE_OF = select(state.c.value).where(state.c.key == bindparam("key"))


class State(Collection):
    """Keys and values."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    def get(self, key: str) -> str | None:
        """The value, or None when it was never set."""
        value: str | None = self._tx.scalar(_VALUE_OF, {"key": key})
        return value

    @writes
    def set(self, key: str, value: str, detail: str = "") -> None:
        """Set a value. The audit line names the key and `detail`, never the value: it may be a secret."""
        if value == self.get(key):
            return
        self._tx.upsert(state, {"key": key, "value": value})
        self._audit.add("state.set", "state", key, detail)
