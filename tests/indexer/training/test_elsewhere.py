"""Questions that a medical-insurance base is not for."""

from eval.overlap import NearCopies
from eval.questions import questions
from indexer.normalise import normalise
from indexer.training.elsewhere import elsewhere_texts
from indexer.training.material import Group, read_groups


def test_of_each_group_of_another_agency_come_its_question_and_one_more() -> None:
    groups = [
        Group("1", "exit-entry", ("护照如何换发？", "换护照", "护照到期"), ("护照咋换",)),
        Group("2", "tax-personal", ("个税如何退？",), ()),
        Group("3", "med-units-payroll", ("单位如何申报缴费基数？", "缴费基数"), ()),
        Group("4", "sample-inpatient", ("住院起付标准是多少？", "起付线"), ()),
        Group("5", "health-family-doctor", ("如何签约家庭医生？", "家庭医生"), ()),
    ]
    assert elsewhere_texts(groups)[:3] == ["护照如何换发？", "换护照", "个税如何退？"]
    assert elsewhere_texts(groups)[3:] == elsewhere_texts([])


def test_what_is_nobodys_business_is_among_them_without_its_remarks() -> None:
    texts = elsewhere_texts([])
    assert len(texts) > 50
    assert all(text == text.strip() and text and not text.startswith("#") for text in texts)


def test_none_of_ours_is_among_those_of_the_shipped_material() -> None:
    groups = read_groups()
    ours = {
        normalise(text)
        for group in groups
        if group.theme.startswith(("med-", "sample-"))
        for text in (*group.phrasings, *group.asked)
    }
    assert ours.isdisjoint(map(normalise, elsewhere_texts(groups)))


def test_what_is_nobodys_business_is_no_near_copy_of_a_question_that_measures() -> None:
    asked = [question.text for split in ("test", "validation", "train") for question in questions(split)]
    copies = NearCopies(asked, 0.6)
    assert [text for text in elsewhere_texts([]) if copies.of(text)] == []
