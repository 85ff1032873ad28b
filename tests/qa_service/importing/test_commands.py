"""`zhengda import` and `zhengda import-policies` as people run them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knowledge.people import Department, Member, Role
from knowledge.store import EntryFilter, Store
from qa_service.cli.main import main
from tests.qa_service.tables.making import a_row, csv_file

BAD = a_row(编号="A-2", 标准问="二", 险种="农民")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as `zhengda init` makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}")
    with store.writing(by="system") as records:
        records.people.add_department(Department("office", "办公室", is_office=True))
        boss = Member("administrator", "管理员", "office", frozenset({Role.ADMINISTRATOR}))
        gone = Member("gone", "离职者", "office", frozenset({Role.EDITOR}), active=False)
        for member in (boss, gone, Member("wang", "王编辑", "office", frozenset({Role.EDITOR}))):
            records.people.add_member(member)
    store.close()
    return folder


def run(data: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *map(str, arguments)])


def revisions(data: Path) -> dict[str, tuple[str, str]]:
    """External id → author and note of the newest revision."""
    store = Store.open(f"sqlite:///{data / 'zhengda.sqlite'}")
    try:
        with store.reading() as records:
            return {
                entry.external_id: (entry.author, records.entries.revision(entry.id, entry.revision).note)
                for entry in records.entries.list(EntryFilter()).items
            }
    finally:
        store.close()


def test_an_empty_data_folder_is_importable_at_once(data: Path, tmp_path: Path) -> None:
    result = run(data, "import", csv_file(tmp_path / "问答.csv", [a_row()]))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "新建处室：待遇保障处",
        "导入完成，条目新增1，有变化0，无变化0，有问题0。新增和有变化的已存为草稿。",
    ]
    assert revisions(data) == {"A-1": ("administrator", "批量导入：来自文件 问答.csv")}


def test_the_one_who_imports_can_be_named(data: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "问答.csv", [a_row()])
    assert run(data, "import", file, "--by", "wang", "--published").exit_code == 0
    note = "批量导入：来自文件 问答.csv，已在别处审定，由 wang 直接发布"
    assert revisions(data) == {"A-1": ("wang", note)}


@pytest.mark.parametrize(("login", "message"), [("nobody", "没有账号“nobody”"), ("gone", "已停用")])
def test_nobody_unknown_imports(data: Path, tmp_path: Path, login: str, message: str) -> None:
    result = run(data, "import", csv_file(tmp_path / "a.csv", [a_row()]), "--by", login)
    assert result.exit_code == 1
    assert message in result.stderr
    assert revisions(data) == {}


def test_problems_are_told_and_nothing_is_written(data: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "a.csv", [a_row(备注="x"), BAD])
    for arguments in ((), ("--dry-run",)):
        result = run(data, "import", file, *arguments)
        assert result.exit_code == 1
        assert result.stderr.splitlines() == [
            "提醒：第1行“备注”列：不认得这一列，已略过；如需导入请改用标准列名",
            "问题：第3行“险种”列“农民”：不认得，请填“职工”或“居民”，两者都适用时留空",
        ]
    assert revisions(data) == {}


def test_a_trial_of_a_bad_file_says_that_the_import_would_be_refused(data: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "a.csv", [a_row(), BAD])
    counts = "条目新增1，有变化0，无变化0，有问题1"
    advice = f"请按上面的提示改正后重新导入，或加 --skip-bad-rows 略过有问题的行（{counts}）。"
    trial = run(data, "import", file, "--dry-run").stdout
    assert trial == f"试运行，没有写入。有1处问题，正式导入会被拒绝，什么都不会写入。{advice}\n"
    assert run(data, "import", file).stdout == f"有1处问题，没有写入任何数据。{advice}\n"
    trial = run(data, "import", file, "--dry-run", "--skip-bad-rows").stdout
    assert trial.splitlines() == [
        "将新建处室：待遇保障处",
        f"试运行，没有写入。正式导入时：{counts}。",
    ]


def test_what_is_wrong_with_the_whole_file_is_a_problem_that_skipping_does_not_help(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "a.sqlite"
    file.write_text("文本")
    for arguments in ((), ("--dry-run",), ("--dry-run", "--skip-bad-rows")):
        result = run(data, "import", file, *arguments)
        assert result.exit_code == 1
        assert "请用 zhengda export 重新导出" in result.stderr
        assert "有1处问题" in result.stdout
        assert "略过" not in result.stdout
        assert "Excel" not in result.output


def test_bad_rows_are_skipped_into_a_file_of_the_given_or_the_default_name(
    data: Path, tmp_path: Path
) -> None:
    file = csv_file(tmp_path / "问答.csv", [a_row(), BAD])
    result = run(data, "import", file, "--skip-bad-rows", tmp_path / "待改.xlsx")
    assert result.exit_code == 3
    assert (tmp_path / "待改.xlsx").exists()
    for name in ("问答-问题行.csv", "问答-问题行2.csv"):
        result = run(data, "import", file, "--skip-bad-rows")
        assert result.exit_code == 3
        assert f"有问题的行已写入 {tmp_path / name}，改正后可再导入。" in result.stdout
        assert (tmp_path / name).exists()
    assert revisions(data).keys() == {"A-1"}


def test_a_file_of_bad_rows_never_replaces_another_file(data: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "问答.csv", [a_row(), BAD])
    before = file.read_bytes()
    result = run(data, "import", file, "--skip-bad-rows", file)
    assert result.exit_code == 1
    assert "已经存在，为免覆盖没有导入" in result.stderr
    assert file.read_bytes() == before
    assert revisions(data) == {}


def test_the_report_can_be_had_as_json(data: Path, tmp_path: Path) -> None:
    result = run(data, "import", csv_file(tmp_path / "a.csv", [a_row(), BAD]), "--json", "--dry-run")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["problems"] == [
        {
            "row": 3,
            "column": "险种",
            "value": "农民",
            "message": "不认得，请填“职工”或“居民”，两者都适用时留空",
        }
    ]
    assert (report["created"], report["skipped"], report["applied"]) == (1, 1, False)


def test_policies_are_imported_in_the_same_way(data: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "文件.csv", [{"文号": "医保发〔2024〕1号", "文件名": "某通知"}])
    result = run(data, "import-policies", file)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "新登记政策文件1份：《某通知》医保发〔2024〕1号",
        "导入完成，文件新增1，有变化0，无变化0，有问题0。",
    ]
    assert json.loads(run(data, "import-policies", file, "--json").stdout)["unchanged"] == 1


def test_without_a_data_folder_the_user_is_told_to_make_one(tmp_path: Path) -> None:
    result = run(tmp_path / "nothing", "import", csv_file(tmp_path / "a.csv", [a_row()]))
    assert result.exit_code == 1
    assert "init" in result.stderr
