"""Where an export may be written."""

from pathlib import Path

from knowledge.errors import ZhengdaError

_BESIDE_DATABASE = ("", "-wal", "-shm", "-journal")


def require_free_target(target: Path, database: Path | None, data: Path, replace: bool) -> None:
    """Raise ZhengdaError when an export to `target` would harm something.

    The store's own files and whatever lies in the data folder are never written to; another file that exists
    is replaced only with `replace`. `database` is the store's file, None when it is on a server.
    """
    own = [] if database is None else [database.with_name(database.name + end) for end in _BESIDE_DATABASE]
    if any(_same(target, each) for each in own):
        raise ZhengdaError(f"{target} 是正在使用的数据库，不能导出到它；请换一个文件名")
    if target.resolve().is_relative_to(data.resolve()):
        raise ZhengdaError(f"{target} 在数据目录 {data} 里，为免损坏数据没有导出；请换一个目录")
    if target.exists() and not replace:
        raise ZhengdaError(f"文件 {target} 已经存在，为免覆盖没有导出；请换一个文件名，或加 --force 覆盖")


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever name."""
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)
