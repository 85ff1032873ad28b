"""Departments and documents that a file of entries names, known or not."""

from pathlib import Path

from knowledge.people import Department
from knowledge.policy import PolicyDocument, Validity
from knowledge.store import AuditFilter, Store
from qa_service.importing import import_entries
from tests.qa_service.importing.asking import the_entry, told
from tests.qa_service.tables.making import FULL, a_row, csv_file


def test_unknown_departments_are_set_up_and_reported(store: Store, tmp_path: Path) -> None:
    rows = [
        a_row(部门="待遇保障处"),
        a_row(编号="A-2", 部门="办公室"),
        a_row(编号="A-3", 部门="Settlement"),
        a_row(编号="A-4", 部门="待遇保障处"),
    ]
    report = import_entries(store, csv_file(tmp_path / "a.csv", rows), by="system")
    assert report.new_departments == ["待遇保障处", "办公室", "Settlement"]
    with store.reading() as records:
        assert set(records.people.departments()) == {
            Department("dept1", "待遇保障处"),
            Department("office", "办公室", is_office=True),
            Department("Settlement", "Settlement"),
        }


def test_departments_are_found_by_name_or_code(staffed_store: Store, tmp_path: Path) -> None:
    rows = [
        a_row(部门="benefits"),
        a_row(编号="A-2", 部门="Benefits"),
        a_row(编号="A-3", 部门="待遇保障处"),
    ]
    report = import_entries(staffed_store, csv_file(tmp_path / "a.csv", rows), by="admin")
    assert report.new_departments == []
    assert {the_entry(staffed_store, f"A-{n}").text.department for n in (1, 2, 3)} == {"benefits"}


def test_a_department_of_bad_rows_alone_is_not_set_up(staffed_store: Store, tmp_path: Path) -> None:
    rows = [a_row(), a_row(编号="A-2", 部门="不该有的处", 答案="")]
    report = import_entries(
        staffed_store, csv_file(tmp_path / "a.csv", rows), by="admin", skip_bad_rows=tmp_path / "b.csv"
    )
    assert report.new_departments == []


def test_cited_documents_that_are_not_registered_are(staffed_store: Store, tmp_path: Path) -> None:
    rows = [FULL, a_row(编号="A-2", 文件名="《某办法》"), a_row(编号="A-3", 文号="2021年第22号")]
    report = import_entries(staffed_store, csv_file(tmp_path / "问答.csv", rows), by="admin")
    assert report.new_policies == [
        "《合并实施意见》国办发〔2019〕10号",
        "《社会保险法》主席令第35号",
        "《某办法》",
        "2021年第22号",
    ]
    with staffed_store.reading() as records:
        document = records.policies.by_number("主席令第35号")
        assert document is not None
        assert document.title == "社会保险法"
        assert records.policies.by_title("某办法") is not None
        (line,) = records.audit.list(AuditFilter(subject="policy", subject_id=document.id)).items
    assert line.detail == "《社会保险法》主席令第35号 现行有效 导入条目时登记，批量导入：来自文件 问答.csv"
    assert (line.by, line.action) == ("admin", "policy.added")


def test_a_registered_document_is_not_registered_again(staffed_store: Store, tmp_path: Path) -> None:
    with staffed_store.writing(by="admin") as records:
        records.policies.add(PolicyDocument("中华人民共和国社会保险法", "主席令第35号"))
    row = a_row(文号="中华人民共和国主席令 第35号", 文件名="社会保险法")
    report = import_entries(staffed_store, csv_file(tmp_path / "a.csv", [row]), by="admin")
    assert report.new_policies == []
    assert told(report) == []


def test_an_unparseable_number_is_warned_of(staffed_store: Store, tmp_path: Path) -> None:
    report = import_entries(
        staffed_store, csv_file(tmp_path / "a.csv", [a_row(文号="2021年通报第22期")]), by="admin"
    )
    assert report.applied
    assert told(report) == [
        "第2行“文号”列“2021年通报第22期”：不是常见的文号写法，已按原样保留；请核对，应形如“国办发〔2021〕14号”"
    ]


def test_a_lapsed_document_and_one_of_another_title_are_warned_of(
    staffed_store: Store, tmp_path: Path
) -> None:
    with staffed_store.writing(by="admin") as records:
        repealed = PolicyDocument("旧办法", "医保发〔2019〕1号", validity=Validity.REPEALED)
        records.policies.add_many([repealed, PolicyDocument("目录管理办法", "医保发〔2020〕2号")])
    row = a_row(文号="医保发〔2019〕1号|医保发〔2020〕2号", 文件名="旧办法|参保办法")
    report = import_entries(staffed_store, csv_file(tmp_path / "a.csv", [row]), by="admin")
    assert told(report) == [
        "第2行“文号”列“医保发〔2019〕1号”：《旧办法》已废止，引用它的条目不会用来作答，请核对依据",
        "第2行“文号”列“医保发〔2020〕2号”：文件库中这个文号是《目录管理办法》，与所填文件名不同，请核对",
    ]
