"""One process's copy of a snapshot: hard links to its immutable files, in a folder that dies with the process."""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

from indexer.facets import FacetTable
from indexer.lexical import LexicalIndex
from indexer.segment import Segmenter
from indexer.snapshot import Parts, SnapshotUnusable
from indexer.vectors import VectorIndex


class WorkingCopy:
    """One process's copy of a snapshot, and how far it has come."""

    def __init__(self, root: Path, parts: Parts, segmenter: Segmenter) -> None:
        self.manifest = parts.manifest
        self.segmenter = segmenter
        self.sequence = parts.manifest.sequence
        self.replayed = 0
        self.lacks_vectors = False
        self.facets: FacetTable = parts.facets
        self.vectors: VectorIndex | None = parts.vectors
        self._folder, self._held = _claim(root / "live")
        try:
            _link_tree(parts.folder / "lexical", self._folder / "lexical")
            self.lexical = LexicalIndex.open(self._folder / "lexical", segmenter)
        except (OSError, ValueError) as error:
            self.discard()
            raise SnapshotUnusable(f"索引文件无法打开（{error}）") from error

    def discard(self) -> None:
        """Remove the copy's files; searches that still run keep theirs open."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._held.close()


def _claim(live: Path) -> tuple[Path, IO[str]]:
    """A new folder, and the lock that tells others that its owner lives. Sweeps the copies of dead owners."""
    live.mkdir(parents=True, exist_ok=True)
    with (live / "claim.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for copy in live.glob("*/"):
            if _free(copy / "owner.lock"):
                shutil.rmtree(copy, ignore_errors=True)
        folder = live / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        held = (folder / "owner.lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    return folder, held


def _free(lock: Path) -> bool:
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True


def _link_tree(source: Path, target: Path) -> None:
    """Hard-link the immutable segment files; what the engine rewrites in place is copied."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        if file.name.endswith(".lock"):
            continue
        if file.suffix == ".json" or file.name.startswith("."):
            shutil.copy2(file, target / file.name)
            continue
        try:
            os.link(file, target / file.name)
        except OSError:  # a file system without hard links
            shutil.copy2(file, target / file.name)
