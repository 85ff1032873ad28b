"""What words alone tell: people, sides, aspects, several questions, answers to a question back."""

import pytest

from indexer.segment import Segmenter
from knowledge.conversation import About, Clarification, Known, Option, Pending, Topic
from qa_service.conversation import facets
from qa_service.conversation.answering_back import chosen
from qa_service.conversation.contrasts import by_contrast, difference
from qa_service.conversation.following import Leaning, in_context, leaning
from qa_service.conversation.splitting import parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("生育津贴怎么算？产假多少天？", ("生育津贴怎么算", "产假多少天")),
        ("产检费用能报吗，还有做试管婴儿能报吗", ("产检费用能报吗", "做试管婴儿能报吗")),
        ("我刚退休。医保还要交吗？个人账户怎么算", ("我刚退休，医保还要交吗", "个人账户怎么算")),
        ("我上个月住院花了两万，能报多少", ("我上个月住院花了两万，能报多少",)),
        ("怎么办？", ("怎么办？",)),
        ("吗？吗？吗？", ("吗？吗？吗？",)),
    ],
)
def test_a_text_falls_into_the_questions_it_asks(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("我是居民，住院报多少", Known(insured_group="resident")),
        ("我交的是职工医保", Known(insured_group="employee")),
        ("我是退休人员", Known(audience="退休人员")),
        ("居民医保住院报多少", Known()),
        ("我的职工医保能给孩子交居民医保吗", Known()),
    ],
)
def test_what_somebody_says_of_himself_is_not_what_he_asks_about(text: str, known: Known) -> None:
    assert facets.told_of_self(text) == known


@pytest.mark.parametrize(
    ("text", "group", "swapped"),
    [
        ("职工医保住院报多少", "resident", "居民医保住院报多少"),
        ("城乡居民住院报多少", "employee", "职工住院报多少"),
        ("住院报多少", "resident", "居民医保住院报多少"),
    ],
)
def test_a_question_is_asked_of_the_other_group(text: str, group: str, swapped: str) -> None:
    assert facets.swapped(text, group) == swapped


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("要带什么材料", Leaning.WHOLLY),
        ("那居民的呢", Leaning.WHOLLY),
        ("多久能办好", Leaning.WHOLLY),
        ("那临时备案的呢", Leaning.PERHAPS),
        ("生育津贴按照什么标准发放给女职工", Leaning.HARDLY),
        ("还有个事，居民医保什么时候交费", Leaning.NOT),
    ],
)
def test_how_much_a_question_leans_on_the_last(text: str, leans: Leaning, segmenter: Segmenter) -> None:
    assert leaning(text, segmenter) is leans


def test_a_follow_up_is_said_in_full(segmenter: Segmenter) -> None:
    topic = Topic(1, "长期居住备案的有效期是多久？", "长期居住备案有效期多久")
    assert in_context("那临时的呢", topic, segmenter).texts[0] == "临时备案有效期多久"
    assert "备案" in in_context("需要什么材料", topic, segmenter).texts[0]
    of_residents = in_context("那居民的呢", Topic(1, "职工住院报多少？", "职工住院报多少"), segmenter)
    assert (of_residents.texts[0], of_residents.group) == ("居民住院报多少", "resident")


def test_sides_of_a_contrast_are_told_apart_unless_the_asker_named_one() -> None:
    questions = ["申请住院费用报销需要什么材料", "申请门诊费用报销需要什么材料"]
    assert ("住院", "门诊") in by_contrast("报销要什么材料", questions)
    assert ("住院", "门诊") not in by_contrast("住院报销要什么材料", questions)


def test_two_questions_differ_by_what_stands_between_what_they_share(segmenter: Segmenter) -> None:
    left, right = "长期居住备案的有效期是多久？", "临时外出备案的有效期是多久？"
    assert difference(left, right, segmenter) == ("长期居住", "临时外出")
    assert difference(left, "生育津贴怎么领取？", segmenter) is None
    assert difference(left, left, segmenter) is None


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("住院", "住院"),
        ("门诊的", "门诊"),
        ("2", "门诊"),
        ("第一个", "住院"),
        ("3", None),
        ("医保电子凭证怎么激活", None),
        ("我想问的既不是这个也不是那个而是另外一件很长的事情", None),
    ],
)
def test_an_answer_names_an_option_or_is_none(typed: str, label: str | None) -> None:
    options = (Option("住院", "住院", (1,)), Option("门诊", "门诊", (2,)))
    pending = Pending("报销要什么", Clarification(About.WORDING, "您问的是住院还是门诊？", options))
    found = chosen(pending, typed)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("申请住院费用报销需要什么材料", 0),
        ("第二个", 1),
        ("2", 1),
        ("门诊怎么报销", None),
        ("住院费用报销", None),
    ],
)
def test_of_choices_that_ask_nothing_only_a_number_or_the_whole_question_is_one(
    typed: str, place: int | None
) -> None:
    labels = ("申请住院费用报销需要什么材料", "申请门诊费用报销需要什么材料")
    options = tuple(Option(label, label, (number,)) for number, label in enumerate(labels))
    found = chosen(Pending("报销要什么", Clarification(About.WORDING, "", options)), typed)
    assert found == (None if place is None else options[place])


def test_a_place_is_an_answer_when_it_lies_in_one_that_is_offered() -> None:
    options = (Option("浙江省", "330000", (1,)), Option("广东省", "440000", (2,)))
    pending = Pending("怎么备案", Clarification(About.REGION, "您在哪里参保？", options))
    found = chosen(pending, "杭州市")
    assert found == Option("浙江省", "330100", (1,))
    assert chosen(pending, "北京") is None
