"""The live index follows the bureau's words."""

from pathlib import Path

from indexer.scope import Scope
from indexer.wording import bundled
from knowledge.entry import Channel
from knowledge.wording import Word, WordKind, new_word
from tests.indexer.making import TODAY, KnowledgeInMemory, OpenIndex, an_entry

ANYBODY = Scope(TODAY, Channel.HOTLINE)


def a_record() -> KnowledgeInMemory:
    return KnowledgeInMemory(
        [
            an_entry(1, "起付标准是多少？", answer="按级别确定。"),
            an_entry(2, "怎样激活医保电子凭证？", answer="实名认证。"),
            an_entry(3, "西湖益联保怎么买？", answer="网上投保。"),
        ]
    )


def test_a_synonym_finds_its_entry_as_soon_as_it_is_followed(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    index = live(tmp_path, record)
    index.open(TODAY)
    assert index.search("坎儿钱", ANYBODY).hits == ()
    record.say(new_word(WordKind.SYNONYM, "坎儿钱", "起付标准"))
    snapshot = index.snapshot
    index.refresh(TODAY)
    assert [hit.entry_id for hit in index.search("坎儿钱", ANYBODY).hits] == [1]
    assert index.snapshot == snapshot, "nothing had to be built"
    assert not index.needs_rebuild()


def test_a_stop_phrase_is_left_out_as_soon_as_it_is_followed(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    index = live(tmp_path, record)
    index.open(TODAY)
    record.say(new_word(WordKind.STOP_PHRASE, "侬好伐啦"))
    index.refresh(TODAY)
    assert index.read("侬好伐啦，起付标准是多少").removed == ("侬好伐啦",)


def test_a_bundled_synonym_that_is_switched_off_is_no_longer_used(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    index = live(tmp_path, record)
    index.open(TODAY)
    assert "门槛费" in {each.said for each in index.read("门槛费").expansions.values()}
    record.say(Word(WordKind.SYNONYM, "门槛费", "起付标准", active=False))
    index.refresh(TODAY)
    assert index.read("门槛费").expansions == {}


def test_a_term_is_built_into_a_new_snapshot_while_the_old_one_serves(
    live: OpenIndex, tmp_path: Path
) -> None:
    record = a_record()
    index = live(tmp_path, record)
    index.open(TODAY)
    before = index.snapshot
    record.say(new_word(WordKind.TERM, "西湖益联保"))
    index.refresh(TODAY)
    assert index.needs_rebuild()
    assert "西湖益联保" not in index.segmenter.words("西湖益联保")
    assert index.search("西湖益联保", ANYBODY).hits[0].entry_id == 3
    assert index.renew(TODAY)
    assert index.snapshot != before
    assert "西湖益联保" in index.segmenter.words("西湖益联保")
    assert index.search("西湖益联保", ANYBODY).hits[0].entry_id == 3
    assert not index.renew(TODAY), "once is enough"


def test_another_process_takes_the_new_snapshot_and_builds_none(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    one, other = live(tmp_path, record), live(tmp_path, record)
    one.open(TODAY)
    other.open(TODAY)
    record.say(new_word(WordKind.NAME, "益惠钱塘"))
    one.refresh(TODAY)
    assert one.renew(TODAY)
    assert not other.renew(TODAY)
    assert one.snapshot == other.snapshot


def test_what_was_published_meanwhile_is_in_both(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    index = live(tmp_path, record)
    index.open(TODAY)
    record.say(new_word(WordKind.TERM, "西湖益联保"))
    record.publish(an_entry(4, "西湖益联保能退吗？", answer="犹豫期内可以。"))
    index.refresh(TODAY)
    assert index.search("西湖益联保能退吗", ANYBODY).hits[0].entry_id == 4
    index.renew(TODAY)
    assert index.search("西湖益联保能退吗", ANYBODY).hits[0].entry_id == 4


def test_an_index_opens_with_the_words_that_the_record_has(live: OpenIndex, tmp_path: Path) -> None:
    record = a_record()
    record.say(new_word(WordKind.TERM, "西湖益联保"))
    index = live(tmp_path, record)
    index.open(TODAY)
    assert not index.needs_rebuild()
    assert index.wording.dictionary_hash != bundled().dictionary_hash
    assert "西湖益联保" in index.segmenter.words("西湖益联保")
