"""The register of documents."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge.errors import Conflict
from knowledge.policy import Citation, Disclosure, PolicyDocument, Validity
from knowledge.store import AuditFilter, PolicyFilter, Store
from tests.knowledge.making import a_document, a_published_entry, a_text, an_entry, revised

FULL = PolicyDocument(
    title="关于做好2026年城乡居民基本医疗保障工作的通知",
    number="医保发〔2026〕12号",
    issuer="国家医疗保障局",
    co_issuers=("财政部", "国家税务总局"),
    index_number="717800010/2026-00012",
    topic="参保缴费",
    signed_on=date(2026, 5, 1),
    published_on=date(2026, 5, 8),
    effective_from=date(2026, 6, 1),
    valid_until=date(2031, 5, 31),
    validity=Validity.AMENDED,
    amends=("医保发〔2025〕9号",),
    repeals=("医保发〔2020〕24号", "医保发〔2021〕32号"),
    disclosure=Disclosure.ON_REQUEST,
    text="各省、自治区、直辖市……" * 2000,
    source="https://www.example.gov.cn/12.html",
)


def test_a_document_comes_back_as_it_went_in(store: Store) -> None:
    with store.writing(by="editor") as records:
        added = records.policies.add(FULL)
    assert added == replace(FULL, id=added.id)
    assert added.version == 1
    with store.reading() as records:
        assert records.policies.get(added.id) == added
        assert records.policies.get(added.id).version == 1


@pytest.mark.parametrize(
    "spelling", ["医保发〔2026〕12号", "医保发[2026]12号", "医保发（２０２６）第12号", " 医保发【2026】12 号"]
)
def test_any_spelling_of_the_number_finds_it(store: Store, spelling: str) -> None:
    with store.writing(by="editor") as records:
        added = records.policies.add(FULL)
        assert records.policies.by_number(spelling) == added
        assert records.policies.by_number("医保发〔2026〕13号") is None


def test_the_number_is_kept_in_its_canonical_form(store: Store) -> None:
    with store.writing(by="editor") as records:
        assert records.policies.add(a_document("国务院令第七百三十五号")).number == "国务院令第735号"


def test_a_number_is_registered_once(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.policies.add(FULL)
        with pytest.raises(Conflict, match="医保发〔2026〕12号"):
            records.policies.add(a_document("医保发[2026]12号"))
        other = records.policies.add(a_document("国办发〔2021〕14号"))
        with pytest.raises(Conflict, match="医保发〔2026〕12号"):
            records.policies.save(replace(other, number="医保发（2026）12号"), "policy.edited")


def test_documents_without_a_number_live_side_by_side(store: Store) -> None:
    with store.writing(by="editor") as records:
        added = records.policies.add_many([a_document("", title="甲办法"), a_document("", title="乙办法")])
        assert [document.number for document in added] == ["", ""]
        assert records.policies.by_number("") is None


def test_a_title_finds_the_document_in_force_before_one_that_lapsed(store: Store) -> None:
    with store.writing(by="editor") as records:
        in_force = records.policies.add(a_document("", title="社会保险法"))
        records.policies.add(a_document("", title="社会保险法", validity=Validity.REPEALED))
        assert records.policies.by_title("《中华人民共和国社会保险法》") == in_force
        assert records.policies.by_title("劳动法") is None


def test_saving_is_checked_against_the_version(store: Store) -> None:
    with store.writing(by="editor") as records:
        added = records.policies.add(FULL)
        saved = records.policies.save(replace(added, topic="待遇"), "policy.edited", "改主题")
        assert saved.version == 2
        assert records.policies.get(added.id) == saved
        with pytest.raises(Conflict, match="请重新打开"):
            records.policies.save(replace(added, topic="基金"), "policy.edited")
        (line, _) = records.audit.list(AuditFilter("policy", added.id)).items
    assert (line.action, line.detail) == ("policy.edited", "改主题")


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        (PolicyFilter(), ["乙办法", "甲办法", "丙办法"]),
        (PolicyFilter(text="乙"), ["乙办法"]),
        (PolicyFilter(text="国办发[2021]14号"), ["甲办法"]),
        (PolicyFilter(text="2021"), ["甲办法"]),
        (PolicyFilter(text="医疗保障局"), ["丙办法"]),
        (PolicyFilter(text="_"), []),
        (PolicyFilter(topic="门诊"), ["乙办法"]),
        (PolicyFilter(validity=Validity.REPEALED), ["丙办法"]),
    ],
)
def test_each_filter_keeps_its_own(store: Store, matching: PolicyFilter, expected: list[str]) -> None:
    with store.writing(by="editor") as records:
        records.policies.add_many(
            [
                a_document("国办发〔2021〕14号", title="甲办法", published_on=date(2021, 4, 22)),
                a_document("", title="乙办法", topic="门诊", published_on=date(2024, 1, 1)),
                a_document("", title="丙办法", issuer="国家医疗保障局", validity=Validity.REPEALED),
            ]
        )
        page = records.policies.list(matching)
    assert [document.title for document in page.items] == expected
    assert page.total == len(expected)


def test_a_page_knows_the_total(store: Store) -> None:
    with store.writing(by="editor") as records:
        records.policies.add_many([a_document("", title=f"第{number}份") for number in range(5)])
        page = records.policies.list(limit=2, offset=4)
    assert (len(page.items), page.total) == (1, 5)


def test_citing_entries_are_those_whose_newest_or_published_revision_cites_it(store: Store) -> None:
    number = "国办发〔2021〕14号"
    with store.writing(by="editor") as records:
        document = records.policies.add(a_document(number, title="指导意见"))
        draft = records.entries.add(an_entry("A-1", number))
        on_the_air = records.entries.add(a_published_entry("A-2", number))
        records.entries.save(revised(on_the_air, "新", citations=()), "entry.edited")
        by_title = records.entries.add(
            an_entry("A-3", text=a_text(citations=(Citation("", "《指导意见》"),)))
        )
        once = records.entries.add(an_entry("A-4", number))
        records.entries.save(revised(once, "新", citations=()), "entry.edited")
        records.entries.add(an_entry("A-5", "医保发〔2022〕8号"))
        assert records.policies.citing(document) == (draft.id, on_the_air.id, by_title.id)
