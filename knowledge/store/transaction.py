"""One database transaction: who acts, when, and the few statements every concept is built from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, wraps
from itertools import islice
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection, Executable, Insert, Row, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select

from knowledge.errors import Conflict
from knowledge.store.schema import counters

T = TypeVar("T")
P = ParamSpec("P")
C = TypeVar("C", bound="Collection")

STALE = "刚刚被其他人修改过，请重新打开后再操作"
_CHUNK = 1000  # well below the number of parameters that either database takes in one statement

Values = Mapping[str, Any]
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Page(Generic[T]):
    """Part of a listing; `total` counts the whole of it."""

    items: tuple[T, ...]
    total: int


@cache
def _into(table: Table) -> Insert:
    """Made once for each table, as every question that is logged uses it."""
    return table.insert()


class Transaction:
    """A connection with an open transaction. `by` and `at` go into every audit line."""

    def __init__(self, connection: Connection, by: str, at: datetime, writing: bool) -> None:
        self._connection = connection
        self.by = by
        self.at = at
        self.writing = writing

    def rows(self, statement: Executable, values: Values | None = None) -> Sequence[AnyRow]:
        """Every row of the statement."""
        return self._connection.execute(statement, values).all()

    def first(self, statement: Executable, values: Values | None = None) -> AnyRow | None:
        """The first row, or None."""
        return self._connection.execute(statement, values).first()

    def scalar(self, statement: Executable, values: Values | None = None) -> Any:
        """The first column of the first row, or None."""
        return self._connection.execute(statement, values).scalar()

    def run(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> int:
        """Change rows and tell how many."""
        if isinstance(values, Sequence) and not values:
            return 0
        return self._connection.execute(statement, values).rowcount

    def insert(self, table: Table, values: Values) -> Any:
        """Insert one row and return its first key column."""
        key = self._connection.execute(_into(table), values).inserted_primary_key
        return key[0] if key else None

    def insert_unique(self, table: Table, values: Values, taken: str) -> Any:
        """`insert`, but Conflict with the message `taken` when a unique value is in use."""
        with self._refusing(taken):
            return self.insert(table, values)

    def insert_many(
        self, table: Table, rows: Sequence[Values], returned: Sequence[str], taken: str
    ) -> Sequence[AnyRow]:
        """Insert rows in bulk and return those columns of each, in no particular order."""
        if not rows:
            return ()
        statement = table.insert().returning(*(table.c[name] for name in returned))
        with self._refusing(taken):
            return self._connection.execute(statement, rows).all()

    def upsert(self, table: Table, values: Values) -> None:
        """Insert the row, or update the one with the same primary key."""
        keys = [column.name for column in table.primary_key]
        changes = {name: value for name, value in values.items() if name not in keys}
        statement = self._insert(table).values(**values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))

    def count_up(self, counter: str) -> int:
        """The next value of a counter; others who need the same counter wait for this transaction."""
        statement = (
            self._insert(counters)
            .values(name=counter, value=1)
            .on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
            .returning(counters.c.value)
        )
        return int(self._connection.execute(statement).scalar_one())

    def page(self, statement: AnySelect, read: Callable[[AnyRow], T], limit: int, offset: int) -> Page[T]:
        """`limit` rows of a filtered and ordered select after the first `offset`, with the total."""
        counted = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        items = tuple(read(row) for row in self.rows(statement.limit(limit).offset(offset)))
        return Page(items, int(self.scalar(counted)))

    @contextmanager
    def _refusing(self, taken: str) -> Iterator[None]:
        """A savepoint, so that a PostgreSQL transaction stays usable after the refusal."""
        try:
            with self._connection.begin_nested():
                yield
        except IntegrityError as error:
            raise Conflict(taken) from error

    def _insert(self, table: Table) -> Any:
        """An insert that knows ON CONFLICT, which both databases spell alike in their own dialects."""
        if self._connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)


class Collection:
    """What the records of one concept have in common: the transaction that they belong to."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction


def writes(method: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """Mark a method that changes records; it raises RuntimeError inside `store.reading()`."""

    @wraps(method)
    def guarded(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if not self._tx.writing:
            raise RuntimeError(f"{type(self).__name__}.{method.__name__} needs store.writing()")
        return method(self, *args, **kwargs)

    return guarded


def chunks(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
