"""A file that is there as a whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import ZhengdaError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on normal exit it becomes `path`, on any exception it is removed.

    Raises ZhengdaError when the folder cannot be written to.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    except OSError as error:
        raise ZhengdaError(f"无法写入 {path}：{why(error)}") from error
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp keeps others out; the file is meant to be passed on
        temporary.replace(path)
    except OSError as error:
        raise ZhengdaError(f"无法写入 {path}：{why(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def why(error: OSError) -> str:
    """What an error of the operating system means to people, and what to do."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


_REASONS = {
    errno.ENOENT: "文件或目录不存在，请核对路径",
    errno.ENOTDIR: "路径中有一段不是目录，请核对路径",
    errno.EISDIR: "这是一个目录，请指定文件",
    errno.EACCES: "没有权限，请检查文件和目录的读写权限",
    errno.EPERM: "没有权限，请检查文件和目录的读写权限",
    errno.EROFS: "磁盘是只读的，请换一个位置",
    errno.ENOSPC: "磁盘已满，请清理后重试",
    errno.ENAMETOOLONG: "文件名太长，请改短",
}
