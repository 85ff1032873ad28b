"""The store: opening it, and its reading and writing transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from knowledge.errors import Conflict, ZhengdaError
from knowledge.store.access import Access
from knowledge.store.audit import Audit
from knowledge.store.calendar import Calendar
from knowledge.store.conversations import Conversations
from knowledge.store.engine import BUSY_SECONDS, connect, for_reading, for_writing, not_waiting
from knowledge.store.entries import Entries
from knowledge.store.learning import Learning
from knowledge.store.migrate import upgrade
from knowledge.store.people import People
from knowledge.store.policies import Policies
from knowledge.store.publications import SEQ, Publications
from knowledge.store.questions import Questions
from knowledge.store.state import State
from knowledge.store.tickets import Tickets
from knowledge.store.transaction import Transaction
from knowledge.store.words import SEQ as WORDS_SEQ
from knowledge.store.words import WordList

_BUSY = "数据库正忙，请稍后重试"


class Records:
    """Everything in the store, by concept, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self.audit = Audit(transaction)
        self.publications = Publications(transaction)
        self.entries = Entries(transaction, self.audit, self.publications)
        self.policies = Policies(transaction, self.audit, self.publications)
        self.people = People(transaction, self.audit)
        self.tickets = Tickets(transaction, self.audit)
        self.access = Access(transaction, self.audit)
        self.questions = Questions(transaction)
        self.conversations = Conversations(transaction)
        self.calendar = Calendar(transaction, self.audit)
        self.state = State(transaction, self.audit)
        self.learning = Learning(transaction, self.audit)
        self.words = WordList(transaction, self.audit)


class Store:
    """A database of knowledge, SQLite or PostgreSQL. Threads may share it."""

    def __init__(self, engine: Engine) -> None:
        """Use `Store.open`, which migrates the database first."""
        self._engine = engine
        self._reader = for_reading(engine)
        self._writer = for_writing(engine)
        self._logger = self._writer.execution_options(lasting=False)
        self._turns = Lock()
        self._plain = engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open `sqlite:////path/file` or `postgresql+psycopg://…` and migrate it to this code's schema.

        Raises InvalidValue for a bad URL; ZhengdaError when the database cannot be reached or is newer
        than the code.
        """
        engine = connect(url)
        try:
            upgrade(engine)
        except DBAPIError as error:
            engine.dispose()
            raise ZhengdaError(f"无法打开数据库 {engine.url.render_as_string()}：{error.orig}") from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @property
    def file(self) -> Path | None:
        """The database file, None when the database is on a server."""
        database = self._engine.url.database
        return Path(database) if self._engine.dialect.name == "sqlite" and database else None

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Records]:
        """A transaction that sees one state of the store throughout and changes nothing."""
        with _explained(), self._reader.begin() as connection:
            yield Records(Transaction(connection, "", datetime.now(UTC), writing=False))

    @contextmanager
    def writing(self, by: str, at: datetime | None = None, lasting: bool = True) -> Iterator[Records]:
        """A transaction that commits at the end, or rolls everything back when an exception leaves it.

        `by` is the login of the member who acts, "system" for nobody; `at` is now unless given. Both go
        into every audit line. With `lasting` off the commit does not wait for the disk: the crash of a process loses
        nothing, that of the machine may lose the last moments; for logs that were promised to nobody.
        Raises Conflict when PostgreSQL gives way to another transaction.
        """
        moment = at or datetime.now(UTC)
        if moment.tzinfo is None:
            raise ValueError(f"the store takes aware datetimes only, got {moment!r}")
        engine = self._writer if lasting else self._logger
        with _explained(), self._turn(), engine.begin() as connection:
            if not lasting:
                not_waiting(connection)
            records = Records(Transaction(connection, by, moment, writing=True))
            yield records
            records.publications.flush()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Threads queue for SQLite's write lock here: SQLite itself has them look again ever less often."""
        if self._engine.dialect.name != "sqlite":
            yield
        elif self._turns.acquire(timeout=BUSY_SECONDS):
            try:
                yield
            finally:
                self._turns.release()
        else:
            raise ZhengdaError(_BUSY)

    def publication_seq(self) -> int:
        """The number of the newest change to what is on the air; cheap enough to ask on every question."""
        with _explained(), self._plain.connect() as connection:
            return int(connection.execute(SEQ).scalar_one())

    def words_seq(self) -> int:
        """The number of the newest change to the bureau's words; as cheap."""
        with _explained(), self._plain.connect() as connection:
            return int(connection.execute(WORDS_SEQ).scalar() or 0)


@contextmanager
def _explained() -> Iterator[None]:
    """Database failures that are nobody's bug, in words for officials."""
    try:
        yield
    except PoolTimeout as error:
        raise ZhengdaError(_BUSY) from error
    except OperationalError as error:
        # 40001 serialization failure, 40P01 deadlock: PostgreSQL chose this transaction to give way.
        if getattr(error.orig, "sqlstate", None) in ("40001", "40P01"):
            raise Conflict("其他人同时修改了相同的内容，请重新打开后再操作") from error
        if "database is locked" in str(error.orig):
            raise ZhengdaError(_BUSY) from error
        raise ZhengdaError(f"数据库暂时无法使用，请联系管理员：{error.orig}") from error
