from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.policy import Disclosure, PolicyDocument, Validity
from knowledge.store import AuditFilter, PolicyFilter, Store
from qa_service.importing import ImportReport, import_policies
from qa_service.samples import SAMPLES
from tests.knowledge.making import a_published_entry
from tests.qa_service.tables.making import csv_file, json_lines_file

FULL = {
    "文号": "医保发［2019］54号",
    "文件名": "《关于完善“两病”门诊用药保障机制的指导意见》",
    "发文机关": "国家医疗保障局",
    "联合发文机关": "财政部、国家卫生健康委员会",
    "索引号": "000-1",
    "主题": "两病门诊用药",
    "成文日期": "2019年9月16日",
    "发布日期": "2019/9/18",
    "施行日期": "2019-10-01",
    "有效期至": "长期",
    "效力": "现行有效",
    "修改的文件": "",
    "废止的文件": "医保发[2018]1号|医保发[2018]2号",
    "公开属性": "主动公开",
    "正文": "第一段。\n第二段。",
    "来源": "https://example.org/54",
}


def registered(store: Store, number: str = "医保发〔2019〕54号") -> PolicyDocument:
    with store.reading() as records:
        document = records.policies.by_number(number)
    assert document is not None
    return document


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.skipped


def test_every_column_arrives_where_it_belongs(staffed_store: Store, tmp_path: Path) -> None:
    report = import_policies(staffed_store, csv_file(tmp_path / "文件.csv", [FULL]), by="admin")
    assert counts(report) == (1, 0, 0, 0)
    document = registered(staffed_store)
    assert document == PolicyDocument(
        title="关于完善“两病”门诊用药保障机制的指导意见",
        number="医保发〔2019〕54号",
        issuer="国家医疗保障局",
        co_issuers=("财政部", "国家卫生健康委员会"),
        index_number="000-1",
        topic="两病门诊用药",
        signed_on=date(2019, 9, 16),
        published_on=date(2019, 9, 18),
        effective_from=date(2019, 10, 1),
        valid_until=None,
        validity=Validity.IN_FORCE,
        repeals=("医保发〔2018〕1号", "医保发〔2018〕2号"),
        disclosure=Disclosure.ON_INITIATIVE,
        text="第一段。\n第二段。",
        source="https://example.org/54",
        id=document.id,
    )


def test_the_sample_register_is_imported_once(staffed_store: Store) -> None:
    file = SAMPLES / "policies.jsonl"
    report = import_policies(staffed_store, file, by="admin")
    assert report.problems == []
    assert report.created > 60
    assert counts(import_policies(staffed_store, file, by="admin")) == (0, 0, report.created, 0)


def test_a_document_that_lapses_takes_its_entries_off_the_air(staffed_store: Store, tmp_path: Path) -> None:
    import_policies(staffed_store, csv_file(tmp_path / "a.csv", [FULL]), by="admin")
    with staffed_store.writing(by="admin") as records:
        entry = records.entries.add(a_published_entry("A-1", "医保发〔2019〕54号"))
    repealed = csv_file(
        tmp_path / "b.csv", [{"文号": FULL["文号"], "文件名": FULL["文件名"], "效力": "废止"}]
    )
    report = import_policies(staffed_store, repealed, by="admin")
    assert counts(report) == (0, 1, 0, 0)
    assert registered(staffed_store).issuer == "国家医疗保障局"
    with staffed_store.reading() as records:
        assert records.publications.current([entry.id], date(2026, 3, 2)) == {}
        newest = records.audit.list(AuditFilter(subject="policy")).items[0]
    assert (newest.action, newest.by) == ("policy.validity", "admin")
    assert "批量导入：来自文件 b.csv" in newest.detail


def test_a_document_registered_by_its_title_gets_its_number(staffed_store: Store, tmp_path: Path) -> None:
    title = {"文件名": "某某暂行办法"}
    import_policies(staffed_store, csv_file(tmp_path / "a.csv", [title]), by="admin")
    numbered = csv_file(tmp_path / "b.csv", [{**title, "文号": "医保发〔2024〕1号"}])
    assert counts(import_policies(staffed_store, numbered, by="admin")) == (0, 1, 0, 0)
    assert counts(import_policies(staffed_store, tmp_path / "a.csv", by="admin")) == (0, 0, 1, 0)
    assert registered(staffed_store, "医保发〔2024〕1号").title == "某某暂行办法"


def test_two_documents_of_one_title_and_different_numbers_are_two(
    staffed_store: Store, tmp_path: Path
) -> None:
    rows = [{"文号": f"医保发〔{year}〕1号", "文件名": "年度工作通知"} for year in (2023, 2024)]
    report = import_policies(staffed_store, csv_file(tmp_path / "a.csv", rows), by="admin")
    assert counts(report) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"文件名": ""}, "第2行“文件名”列：不能为空"),
        (
            {"效力": "不详"},
            "第2行“效力”列“不详”：不认得，请填“现行有效”“已修改”“已废止”或“已失效”，留空为现行有效",
        ),
        ({"成文日期": "去年"}, "第2行“成文日期”列“去年”：不是有效的日期"),
        ({"有效期至": "2019-01-01"}, "第2行“有效期至”列“2019-01-01”：不能早于施行日期2019-10-01"),
    ],
)
def test_a_bad_cell_is_told_and_nothing_is_registered(
    sqlite_url: str,
    open_store: Callable[[str], Store],
    tmp_path: Path,
    row: dict[str, str],
    message: str,
) -> None:
    store = open_store(sqlite_url)
    other = {**FULL, "文号": "医保发〔2020〕9号"}
    report = import_policies(store, csv_file(tmp_path / "a.csv", [{**FULL, **row}, other]), by="system")
    assert [str(problem)[: len(message)] for problem in report.problems] == [message]
    with store.reading() as records:
        assert records.policies.list(PolicyFilter()).total == 0


def test_one_number_twice_is_told(staffed_store: Store, tmp_path: Path) -> None:
    rows = [FULL, {**FULL, "文号": "医保发〔2019〕54号"}]
    report = import_policies(staffed_store, csv_file(tmp_path / "a.csv", rows), by="admin")
    assert [str(problem) for problem in report.problems] == [
        "第2行“文号”列“医保发〔2019〕54号”：与第3行重复，同一文号只能登记一次，请删去多余的行",
        "第3行“文号”列“医保发〔2019〕54号”：与第2行重复，同一文号只能登记一次，请删去多余的行",
    ]


def test_an_unparseable_number_is_kept_as_typed_with_a_warning(staffed_store: Store, tmp_path: Path) -> None:
    row = {"number": "2021年通报第22期", "title": "目录"}
    report = import_policies(staffed_store, json_lines_file(tmp_path / "a.jsonl", [row]), by="admin")
    assert [str(warning) for warning in report.warnings] == [
        "第1行“number”列“2021年通报第22期”：不是常见的文号写法，已按原样保留；请核对，应形如“国办发〔2021〕14号”"
    ]
    assert registered(staffed_store, "2021年通报第22期").title == "目录"


def test_a_new_document_leaves_one_line_in_the_audit(staffed_store: Store, tmp_path: Path) -> None:
    import_policies(staffed_store, csv_file(tmp_path / "a.csv", [FULL]), by="admin")
    with staffed_store.reading() as records:
        (line,) = records.audit.list(AuditFilter(subject="policy")).items
    assert (line.by, line.action) == ("admin", "policy.added")
    assert line.detail.endswith("批量导入：来自文件 a.csv")
