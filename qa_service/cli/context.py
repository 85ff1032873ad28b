"""What every command shares: the chosen data folder, its settings, and how failures are told."""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from indexer.snapshot import Progress
from knowledge.errors import ZhengdaError
from knowledge.store import Store
from qa_service.composition import Application, build
from qa_service.settings import Settings, read_settings
from qa_service.tables.atomic_file import why

P = ParamSpec("P")
T = TypeVar("T")


class CliContext:
    """Opens things when a command asks for them, and closes them when it ends."""

    def __init__(self, data: Path | None) -> None:
        self._data = data
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the chosen data folder."""
        if self._settings is None:
            self._settings = read_settings(self._data)
        return self._settings

    def store(self) -> Store:
        """The store of the chosen data folder, which `zhengda init` has made. The caller closes it."""
        self.require_data()
        return Store.open(self.settings.store_url)

    @contextmanager
    def opened_store(self) -> Iterator[Store]:
        """The store, closed afterwards."""
        store = self.store()
        try:
            yield store
        finally:
            store.close()

    def application(self, open_index: bool = True) -> Application:
        """The whole application, its index open. The caller closes it."""
        self.require_data()
        with IndexProgress() as progress:
            return build(self.settings, progress=progress, open_index=open_index)

    def require_data(self) -> None:
        """Raise ZhengdaError when the data folder was never made."""
        if not self.settings.database_url and not (self.settings.data / "zhengda.sqlite").exists():
            raise ZhengdaError(
                f"数据目录 {self.settings.data} 里还没有知识库，请先运行 zhengda --data 目录 init"
            )


class IndexProgress:
    """Shows on standard error, when it is a terminal, how far building the index has come."""

    def __enter__(self) -> Progress:
        self._shown = False
        return self._show

    def __exit__(self, *exc: object) -> None:
        if self._shown:
            click.echo(err=True)

    def _show(self, what: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            self._shown = True
            share = f"{done}/{of}" if of > 1 else ""
            click.echo(f"\r\033[K{what} {share}", nl=False, err=True)


def command_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Tell an expected error in one line on standard error and exit with 1."""

    @functools.wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except ZhengdaError as error:
            click.echo(f"错误：{error.message}", err=True)
            raise SystemExit(1) from error
        except BrokenPipeError:
            raise  # who read the output has seen enough, as in `zhengda members list | head`; click knows
        except OSError as error:
            where = f"{error.filename}：" if error.filename else ""
            click.echo(f"错误：{where}{why(error)}", err=True)
            raise SystemExit(1) from error

    return told


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)


def echo_json(value: Any, indent: int | None = None) -> None:
    """Print a value as JSON on standard output, Chinese as Chinese."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"cannot print {type(value).__name__} as JSON")
