"""What a question was meant to say."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.questions import questions
from indexer.facets import FacetTable
from indexer.lexical import LexicalIndex
from indexer.reading import Reader, Reading
from indexer.scope import Scope
from indexer.search import search_parts
from indexer.segment import Segmenter
from indexer.wording import Synonym, Wording, bundled
from knowledge.entry import PublishedEntry
from tests.indexer.making import TODAY, fill

WORDING = Wording(
    terms=bundled().terms,
    names=("北京", "协和医院"),
    stop_phrases=("我想咨询一下", "请问", "你好", "谢谢"),
    synonyms=(Synonym("生孩子的钱", "生育津贴"), Synonym("门槛费", "起付线")),
)

OPENINGS = (
    *("你好", "您好", "你好请问", "请问", "请问一下", "麻烦问下", "你好我想咨询一下", "喂你好我想问一下"),
    *("我想问一下", "想咨询下", "我打电话来是想问一下", "医保局您好请问", "老师好我想了解一下"),
    *(
        "不好意思打扰一下",
        "请教个问题",
        "帮我查一下",
        "我想知道",
        "有个问题想问一下",
        "你好是这样的",
        "麻烦帮我看一下",
    ),
)
QUESTIONS = (
    *(
        "门槛费是多少",
        "生孩子的钱怎么领",
        "断交三个月有影响吗",
        "外地看病怎么报",
        "医保卡丢了怎么办",
        "下岗了医保怎么交",
    ),
    *(
        "面部手术报不报",
        "好多药不能报",
        "你们几点上班",
        "下个月交费可以吗",
        "大病本怎么办",
        "新农合怎么交",
        "住院报多少",
    ),
    *("说明书上的药能报吗", "道路事故住院能报吗", "卡里的钱能给家人用吗", "牙科能报吗", "事业单位退休"),
)


@pytest.fixture(scope="module")
def bundled_reader(segmenter: Segmenter) -> Reader:
    return Reader(bundled(), segmenter)


@pytest.fixture(scope="module")
def reader(segmenter: Segmenter) -> Reader:
    return Reader(WORDING, segmenter)


@pytest.fixture(scope="module")
def base(
    tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter, samples: tuple[PublishedEntry, ...]
) -> LexicalIndex:
    """The sample base's words."""
    return fill(LexicalIndex.create(tmp_path_factory.mktemp("read") / "lexical", segmenter), samples)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("医宝卡丢了", "医保卡丢了"),
        ("异地就医备按", "异地就医备案"),
        ("门珍报消多少", "门诊报销多少"),
        ("起府线是多少", "起付线是多少"),
        ("糖鸟病的药", "糖尿病的药"),
        ("居民医宝怎么交", "居民医保怎么交"),
        ("醫寶卡丟了", "医保卡丢了"),
        ("异地地就医", "异地就医"),
        ("医保保卡", "医保卡"),
        ("异地就备案", "异地就医备案"),
        ("医 保 卡 丢 了", "医保卡丢了"),
        ("ydjyba", "异地就医备案"),
        ("YDJYBA", "异地就医备案"),
        ("yidijiuyibeian怎么办", "异地就医备案怎么办"),
        ("sheng yu jin tie怎么领", "生育津贴怎么领"),
        ("ybk丢了", "医保卡丢了"),
    ],
)
def test_a_slip_is_read_as_what_was_meant(reader: Reader, base: LexicalIndex, typed: str, meant: str) -> None:
    assert reader.read(typed, base.vocabulary).text == meant


@pytest.mark.parametrize(
    "right",
    [
        "医保码吗",
        "app怎么下载",
        "做CT能报吗",
        "天天吃药,妈妈的钱能用吗",
        "蒙医医院看病",
        "缴钱",
        "北京协和医院",
        "DRG是什么",
        "vip病房",
    ],
)
def test_what_is_right_reads_as_itself(reader: Reader, base: LexicalIndex, right: str) -> None:
    assert reader.read(right, base.vocabulary).text == right


@given(st.lists(st.sampled_from(bundled().terms), min_size=1, max_size=6))
def test_a_question_of_known_words_reads_as_itself(
    reader: Reader, base: LexicalIndex, words: list[str]
) -> None:
    han = [word for word in words if len(word) > 1 and not word.isascii()]
    question = "".join(han) or "医保"
    read = reader.read(question, base.vocabulary)
    assert (read.text, read.slips) == (question, ())


@given(st.text(alphabet="医保宝卡报消销yba 1三个月，？你好请问", max_size=30))
def test_of_something_there_is_always_something_left(
    reader: Reader, base: LexicalIndex, segmenter: Segmenter, text: str
) -> None:
    read = reader.read(text, base.vocabulary)
    assert bool(read.terms) == bool(Reader(Wording(), segmenter).read(text).terms)


class TestStopPhrases:
    def test_words_are_searched_without_them_and_the_encoder_sees_them(self, reader: Reader) -> None:
        read = reader.read("你好，我想咨询一下生育津贴怎么领，谢谢")
        assert (read.bare, read.removed) == ("生育津贴怎么领", ("你好", "我想咨询一下", "谢谢"))
        assert "咨询" not in read.terms
        assert read.text == "你好,我想咨询一下生育津贴怎么领,谢谢"

    def test_a_question_of_nothing_else_is_kept(self, reader: Reader) -> None:
        assert reader.read("你好,请问").bare == "你好,请问"

    def test_a_word_that_begins_in_one_is_not_cut(self, reader: Reader) -> None:
        assert reader.read("你好像没说起付线").removed == ()

    def test_one_that_cuts_a_word_leaves_a_shorter_one(self, bundled_reader: Reader) -> None:
        read = bundled_reader.read("请问下岗了医保怎么交")
        assert (read.bare, read.removed) == ("下岗了医保怎么交", ("请问",))

    @pytest.mark.parametrize("word", ["你好像没说起付线", "这件麻烦事谁来办", "感谢信寄到哪里"])
    def test_a_known_word_keeps_what_it_begins_with(self, bundled_reader: Reader, word: str) -> None:
        assert bundled_reader.read(word).removed == ()

    @pytest.mark.parametrize("opening", OPENINGS)
    def test_an_opening_run_into_the_question_changes_nothing_of_it(
        self, bundled_reader: Reader, opening: str
    ) -> None:
        for question in QUESTIONS:
            alone, opened = bundled_reader.read(question), bundled_reader.read(opening + question)
            assert opened.bare == alone.bare, opening + question
            assert opened.expansions == alone.expansions, opening + question


class TestSynonyms:
    def test_formal_words_are_searched_for_too_and_it_is_told_why(self, reader: Reader) -> None:
        found = reader.read("生孩子的钱怎么领").expansions["津贴"]
        assert (found.said, found.meant, found.how) == ("生孩子的钱", "生育津贴", "synonym")
        assert 0 < found.weight < 1

    def test_the_callers_own_words_count_in_full(self, reader: Reader) -> None:
        read = reader.read("生孩子的钱和生育津贴")
        assert "津贴" in read.terms
        assert "津贴" not in read.expansions

    def test_a_longer_term_is_meant_before_a_word_across_its_edge(self, bundled_reader: Reader) -> None:
        assert bundled_reader.read("社保卡里的钱怎么取").expansions["保障"].said == "社保卡"

    def test_a_word_across_the_edge_is_meant_before_a_term_no_longer(self, bundled_reader: Reader) -> None:
        assert "个账" not in {found.said for found in bundled_reader.read("退到哪个账户").expansions.values()}

    def test_they_never_turn_round(self, reader: Reader) -> None:
        assert reader.read("起付线是多少").expansions == {}


@pytest.mark.slow
def test_right_questions_find_no_less_with_corrections_than_without(
    segmenter: Segmenter, samples: tuple[PublishedEntry, ...], base: LexicalIndex
) -> None:
    reader, facets = (
        Reader(Wording(bundled().terms, names=bundled().names), segmenter),
        FacetTable.of(samples),
    )
    names = {entry.id: entry.external_id for entry in samples}

    def found(corrected: bool, misspelt: bool) -> int:
        right = 0
        for question in questions("validation"):
            if not question.answerable or (question.style == "misspelt") != misspelt:
                continue
            read = reader.read(question.text, base.vocabulary)
            if not corrected:
                read = Reading(read.asked, read.asked, read.asked, Counter(segmenter.terms(read.asked)))
            hits = search_parts(read, None, Scope(TODAY), 1, base, None, facets).hits
            right += bool(hits) and names[hits[0].entry_id] in question.relevant
        return right

    assert found(corrected=True, misspelt=False) >= found(corrected=False, misspelt=False)
    assert found(corrected=True, misspelt=True) > found(corrected=False, misspelt=True)


class TestFormally:
    """The question with people's words replaced by the formal ones."""

    @pytest.mark.parametrize(
        ("asked", "text", "names"),
        [
            ("生孩子的钱啥时候打给我", "生育津贴啥时候打给我", {"生孩子的钱": "生育津贴"}),
            ("生孩子的钱有门槛费吗", "生育津贴有起付线吗", {"生孩子的钱": "生育津贴", "门槛费": "起付线"}),
            ("生育津贴怎么领", "生育津贴怎么领", {}),
        ],
    )
    def test_is_said(self, reader: Reader, asked: str, text: str, names: dict[str, str]) -> None:
        assert reader.read(asked).formally() == (text, names)
