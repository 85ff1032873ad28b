"""Immutable snapshots: built aside, switched to by one rename, refused when they are not what they say."""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from indexer import snapshot
from indexer.encoders import Encoder, EncoderUnavailable
from indexer.segment import Segmenter
from indexer.snapshot import FORMAT, Manifest, SnapshotUnusable, build, current_name, exclusive, open_current
from indexer.vector_cache import VectorCache
from indexer.wording import wording_of
from knowledge.entry import PublishedEntry
from tests.indexer.making import (
    AnswersToo,
    CharacterEncoder,
    CharacterTokens,
    an_entry,
    character_tokens,
    share_said,
)

FORMAT_1 = Path(__file__).with_name("format_1") / "manifest.json"
ENTRIES = [an_entry(id, f"第{id}个问题", variants=(f"问法{id}",)) for id in range(1, 8)]

Build = Callable[..., Manifest]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def built(root: Path, segmenter: Segmenter) -> Iterator[Build]:
    """Builds snapshots in `root`."""
    cache = VectorCache(root / "vectors.sqlite")

    def build_one(
        entries: Iterable[PublishedEntry] = ENTRIES, encoder: Encoder | None = None, sequence: int = 7
    ) -> Manifest:
        return build(root, entries, sequence, segmenter, encoder, cache)

    yield build_one
    cache.close()


def snapshots(root: Path) -> set[str]:
    return {folder.name for folder in (root / "snapshots").iterdir()}


class TestBuilding:
    def test_the_manifest_tells_what_it_was_built_from(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        manifest = built(encoder=CharacterEncoder())
        assert (manifest.format, manifest.sequence, manifest.count) == (FORMAT, 7, 7)
        assert (manifest.encoder, manifest.dimension, manifest.vectors) == ("characters", 64, 14)
        assert manifest.dictionary == segmenter.dictionary_hash
        written = json.loads(
            (root / "snapshots" / manifest.name / "manifest.json").read_text(encoding="utf-8")
        )
        assert written == asdict(manifest)

    def test_it_is_the_one_in_use_afterwards(self, root: Path, segmenter: Segmenter, built: Build) -> None:
        manifest = built(encoder=CharacterEncoder())
        assert current_name(root) == manifest.name
        parts = open_current(root, segmenter, CharacterEncoder())
        assert parts is not None
        assert parts.manifest == manifest
        assert parts.facets.revisions() == {entry.id: 1 for entry in ENTRIES}
        assert parts.vectors is not None
        assert len(parts.vectors) == 14

    def test_it_holds_the_answer_of_each_entry(self, root: Path, segmenter: Segmenter, built: Build) -> None:
        answers = ("由用人单位申请。", "在手机上备案。", "就医时直接结算。")
        built([an_entry(id, answer=answer) for id, answer in enumerate(answers, start=5)], AnswersToo())
        parts = open_current(root, segmenter, AnswersToo())
        assert parts is not None
        assert parts.vectors is not None
        places = [parts.facets.row(id) for id in (5, 6, 7)]
        vectors = CharacterEncoder().encode_questions(["手机", *answers])
        similarities = parts.vectors.answers.similarities(
            vectors[0], [place for place in places if place is not None]
        )
        assert similarities == pytest.approx((vectors[1:] @ vectors[0]).tolist(), abs=2e-3)

    def late(self, root: Path, segmenter: Segmenter, encoder: Encoder) -> list[float]:
        """What the entries from 5 to 7 score in the snapshot in use, asked for what each has some of."""
        parts = open_current(root, segmenter, encoder)
        assert parts is not None
        assert parts.vectors is not None
        rows = [row for row in map(parts.facets.row, (5, 6, 7)) if row is not None]
        return parts.vectors.tokens.scores(character_tokens("手机领津贴"), rows)

    @pytest.mark.parametrize("at_once", [1, 3, 2_000])
    def test_it_holds_the_tokens_of_all_that_each_entry_says(
        self,
        root: Path,
        segmenter: Segmenter,
        built: Build,
        monkeypatch: pytest.MonkeyPatch,
        at_once: int,
    ) -> None:
        monkeypatch.setattr(snapshot, "_TEXTS", at_once)
        said = (
            ("津贴怎么办", "找谁领", "由单位办"),
            ("怎么备案", "用手机登记吗", "到窗口办"),
            ("药", "丸", "领"),
        )
        built(
            [
                an_entry(id, text[0], variants=(text[1],), answer=text[2])
                for id, text in enumerate(said, start=5)
            ],
            CharacterTokens(),
        )
        expected = [share_said("手机领津贴", *texts) for texts in said]
        assert self.late(root, segmenter, CharacterTokens()) == pytest.approx(expected)
        assert expected == [0.6, 0.4, 0.2]

    def test_of_an_encoder_without_tokens_it_holds_none(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        built(encoder=AnswersToo())
        assert self.late(root, segmenter, AnswersToo()) == [0, 0, 0]

    def test_the_manifest_lists_the_files_of_the_tokens(self, built: Build) -> None:
        assert {"tokens.bin", "tokens.npy"} <= set(built(encoder=CharacterTokens()).files)

    def test_without_an_encoder_it_holds_words_alone(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        manifest = built()
        assert (manifest.encoder, manifest.vectors) == ("", 0)
        parts = open_current(root, segmenter, None)
        assert parts is not None
        assert parts.vectors is None

    @pytest.mark.parametrize("error", [EncoderUnavailable("无法使用"), RuntimeError("out of memory")])
    def test_an_encoder_that_breaks_on_the_way_leaves_words_alone(
        self, root: Path, segmenter: Segmenter, built: Build, error: Exception
    ) -> None:
        class Broken(CharacterEncoder):
            def encode_phrasings(self, texts: object) -> object:  # type: ignore[override]  # never returns
                raise error

        manifest = built(encoder=Broken())
        assert (manifest.encoder, manifest.count) == ("", 7)
        assert open_current(root, segmenter, None) is not None

    def test_a_base_without_entries_is_a_snapshot_too(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        assert built([], CharacterEncoder()).count == 0
        assert open_current(root, segmenter, CharacterEncoder()) is not None

    def test_progress_is_told(self, root: Path, segmenter: Segmenter, tmp_path: Path) -> None:
        steps: list[tuple[str, int, int]] = []
        cache = VectorCache(tmp_path / "cache.sqlite")
        build(root, ENTRIES, 7, segmenter, AnswersToo(), cache, lambda *step: steps.append(step), total=7)
        cache.close()
        assert ("建立词语索引", 7, 7) in steps
        assert ("计算语义向量", 21, 21) in steps  # two phrasings and an answer each

    def test_entries_that_end_in_an_error_leave_the_one_in_use(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        def interrupted() -> Iterator[PublishedEntry]:
            yield ENTRIES[0]
            raise ConnectionError("the database went away")

        before = built()
        with pytest.raises(ConnectionError):
            built(interrupted())
        assert current_name(root) == before.name
        assert open_current(root, segmenter, None) is not None

    def test_the_next_build_sweeps_away_what_was_never_finished(self, root: Path, built: Build) -> None:
        before = built()
        unfinished = root / "snapshots" / "20260101T000000-deadbeef"
        (unfinished / "lexical").mkdir(parents=True)
        (unfinished / "facets.npz").write_bytes(b"half")
        (root / ".current.deadbeef").write_text("never switched to")
        after = built()
        assert snapshots(root) == {before.name, after.name}
        assert list(root.glob(".current*")) == []

    def test_the_one_before_is_kept_and_older_ones_are_removed(self, root: Path, built: Build) -> None:
        names = [built().name for _ in range(4)]
        assert snapshots(root) == set(names[-2:])

    def test_two_builds_take_turns(self, root: Path, built: Build) -> None:
        manifests: list[Manifest] = []
        with exclusive(root):
            waiting = threading.Thread(target=lambda: manifests.append(built()))
            waiting.start()
            waiting.join(0.2)
            assert (waiting.is_alive(), current_name(root)) == (True, "")
        waiting.join()
        assert current_name(root) == manifests[0].name


class TestRefusing:
    @pytest.fixture
    def manifest(self, built: Build) -> Manifest:
        return built(encoder=CharacterTokens(CharacterEncoder().name))

    def refusal(self, root: Path, segmenter: Segmenter, encoder: Encoder | None = None) -> str:
        with pytest.raises(SnapshotUnusable) as refused:
            open_current(root, segmenter, encoder or CharacterEncoder())
        return str(refused.value)

    def test_no_snapshot_is_none(self, root: Path, segmenter: Segmenter) -> None:
        assert open_current(root, segmenter, None) is None

    def test_one_of_an_older_format(self, root: Path, segmenter: Segmenter) -> None:
        name = json.loads(FORMAT_1.read_text(encoding="utf-8"))["name"]
        folder = root / "snapshots" / name
        folder.mkdir(parents=True)
        shutil.copy(FORMAT_1, folder)
        (root / "current").write_text(name)
        assert self.refusal(root, segmenter) == f"索引格式为第1版，程序需要第{FORMAT}版"

    def test_one_of_a_newer_format_with_keys_that_are_not_known(
        self, root: Path, segmenter: Segmenter, manifest: Manifest
    ) -> None:
        path = root / "snapshots" / manifest.name / "manifest.json"
        path.write_text(json.dumps({**asdict(manifest), "format": FORMAT + 1, "shards": 4}))
        assert self.refusal(root, segmenter) == f"索引格式为第{FORMAT + 1}版，程序需要第{FORMAT}版"

    def test_one_built_with_another_dictionary(self, root: Path, manifest: Manifest) -> None:
        assert self.refusal(root, Segmenter(wording_of((), ["浙里办医保棒"]))) == "词典已变更"

    def test_one_built_with_another_encoder(
        self, root: Path, segmenter: Segmenter, manifest: Manifest
    ) -> None:
        assert self.refusal(root, segmenter, CharacterEncoder("other")) == "语义模型已变更"

    def test_one_built_without_vectors_when_there_is_an_encoder(
        self, root: Path, segmenter: Segmenter, built: Build
    ) -> None:
        built()
        assert self.refusal(root, segmenter) == "语义模型已变更"

    def test_one_with_vectors_serves_without_an_encoder(
        self, root: Path, segmenter: Segmenter, manifest: Manifest
    ) -> None:
        parts = open_current(root, segmenter, None)
        assert parts is not None
        assert parts.vectors is None

    def test_one_that_is_named_and_not_there(
        self, root: Path, segmenter: Segmenter, manifest: Manifest
    ) -> None:
        shutil.rmtree(root / "snapshots" / manifest.name)
        assert "已损坏" in self.refusal(root, segmenter)

    @pytest.mark.parametrize("name", [b"\xff\xfe\x00", b"../../etc", b"no-such-snapshot"])
    def test_a_name_that_is_no_name(
        self, root: Path, segmenter: Segmenter, manifest: Manifest, name: bytes
    ) -> None:
        (root / "current").write_bytes(name)
        assert "已损坏" in self.refusal(root, segmenter)

    @pytest.mark.parametrize("damage", ["missing", "empty", "cut", "overwritten", "one bit"])
    @pytest.mark.parametrize(
        "part", ["manifest", "facets", "vectors", "columns", "answers", "tokens", "slices", "words", "engine"]
    )
    def test_one_with_a_damaged_file(
        self, root: Path, segmenter: Segmenter, manifest: Manifest, part: str, damage: str
    ) -> None:
        folder = root / "snapshots" / manifest.name
        path = {
            "manifest": folder / "manifest.json",
            "facets": folder / "facets.npz",
            "vectors": folder / "vectors.faiss",
            "columns": folder / "vectors.npz",
            "answers": folder / "answers.npy",
            "tokens": folder / "tokens.bin",
            "slices": folder / "tokens.npy",
            "words": next((folder / "lexical").glob("*.term")),
            "engine": folder / "lexical" / "meta.json",
        }[part]
        harm(path, damage)
        with pytest.raises(SnapshotUnusable):
            open_current(root, segmenter, CharacterEncoder())


def harm(path: Path, damage: str) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(content[:middle])
    elif damage == "overwritten":
        path.write_bytes(b"\xa5" * len(content))
    else:
        flipped = content[middle] ^ 0x80
        path.write_bytes(content[:middle] + bytes([flipped]) + content[middle + 1 :])
