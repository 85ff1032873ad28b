"""What use has shown is exported in the form in which the evaluation reads its questions."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eval.questions import questions_of
from knowledge.entry import Channel
from knowledge.errors import InvalidValue
from knowledge.learning import Resolution, Source, decline
from knowledge.store import Store
from qa_service.cli.main import main
from qa_service.exporting.judgments import export_judgments
from tests.cast import EDITOR
from tests.knowledge.making import (
    NOON,
    a_confirmed,
    a_proposal,
    a_report,
    a_text,
    an_entry,
)
from tests.qa_service.stocked import stored


@pytest.fixture
def base(store: Store) -> Store:
    """A-1 and A-2 on the air, and a draft; what people said of them is for the tests to tell."""
    stored(store, a_text("甲问题"), a_text("乙问题"))
    with store.writing(by="system") as records:
        records.entries.add(an_entry("DRAFT-1"))
    return store


def exported(store: Store, folder: Path) -> list[dict[str, Any]]:
    file = folder / "confirmed.jsonl"
    count = export_judgments(store, file)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == count
    return rows


def test_entries_that_people_confirmed_for_a_question_are_relevant_to_it(base: Store, tmp_path: Path) -> None:
    with base.writing(by="system") as records:
        for entry_id, source in ((1, Source.PICK), (2, Source.CONFIRMED), (1, Source.TICKET)):
            records.learning.confirm(a_confirmed("补贴 上哪领？", entry_id=entry_id, source=source))
        records.learning.confirm(a_confirmed("補貼上哪領", entry_id=1))
    (row,) = exported(base, tmp_path)
    assert row["relevant"] == ["A-1", "A-2"]
    assert (row["text"], row["style"], row["wrong"]) == ("补贴 上哪领？", "confirmed", [])
    assert row["id"].startswith("confirmed-")
    assert "kind" not in row


def test_what_was_reported_as_wrong_is_not_relevant(base: Store, tmp_path: Path) -> None:
    with base.writing(by="system") as records:
        records.learning.confirm(a_confirmed("补贴上哪领", entry_id=2))
        records.learning.confirm(a_confirmed("补贴上哪领", entry_id=1))
        records.learning.report(a_report("补贴上哪领"))
        records.learning.report(a_report("只知道答错了", by="other"))
    picked, reported = exported(base, tmp_path)
    assert (picked["relevant"], picked["wrong"]) == (["A-2"], ["A-1"])
    assert (reported["relevant"], reported["wrong"], reported["kind"]) == ([], ["A-1"], "reported")


@pytest.mark.parametrize(
    ("resolution", "kept"), [("correct", False), ("revised", False), ("withdrawn", False), ("mismatch", True)]
)
def test_a_report_counts_until_the_department_has_looked_and_after_when_it_was_a_mismatch(
    base: Store, tmp_path: Path, resolution: str, kept: bool
) -> None:
    with base.writing(by="system") as records:
        records.learning.report(a_report())
        records.learning.close_reports(1, Resolution(resolution), "看过了")
    assert bool(exported(base, tmp_path)) is kept


def test_drafts_and_masked_questions_stay_out_and_declined_wordings_stay_in(
    base: Store, tmp_path: Path
) -> None:
    with base.writing(by="system") as records:
        records.learning.confirm(a_confirmed("问草稿", entry_id=3))
        records.learning.confirm(a_confirmed("我的电话【电话】"))
        records.learning.confirm(a_confirmed("不想要的问法"))
        made = records.learning.propose(a_proposal("不想要的问法"))
        records.learning.save_proposal(decline(made, EDITOR, NOON), "proposal.declined")
    # The department does not want the wording in its entry; that the entry answers it is so all the same.
    assert [row["text"] for row in exported(base, tmp_path)] == ["不想要的问法"]


def test_the_evaluation_reads_what_was_exported(base: Store, tmp_path: Path) -> None:
    with base.writing(by="system") as records:
        records.learning.confirm(a_confirmed("补贴上哪领", channel=Channel.WEBSITE))
        records.learning.report(a_report("只知道答错了", entry_id=2))
    export_judgments(base, tmp_path / "our calls.jsonl")
    right, wrong = questions_of(tmp_path / "our calls.jsonl")
    assert (right.text, right.style, right.relevant, right.split) == (
        "补贴上哪领",
        "confirmed",
        frozenset({"A-1"}),
        "our-calls",
    )
    assert (wrong.kind, wrong.answerable, wrong.wrong) == ("reported", False, frozenset({"A-2"}))


def test_another_form_of_file_is_refused(base: Store, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="jsonl"):
        export_judgments(base, tmp_path / "a.xlsx")


class TestCommands:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        folder.mkdir()
        store = Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}")
        stored(store, a_text("甲问题"))
        with store.writing(by="system") as records:
            records.learning.confirm(a_confirmed())
            records.learning.propose(a_proposal(picks=2, tickets=1))
        store.close()
        return folder

    def run(self, data: Path, *arguments: object) -> Result:
        return CliRunner().invoke(main, ["--data", str(data), *map(str, arguments)])

    def test_judgments_are_exported_by_an_option(self, data: Path, tmp_path: Path) -> None:
        file = tmp_path / "confirmed.jsonl"
        assert "已导出1条" in self.run(data, "export", "--judgments", file).output
        assert questions_of(file)[0].relevant == {"A-1"}
        assert "已经存在" in self.run(data, "export", "--judgments", file).output
        assert (
            json.loads(self.run(data, "export", "--judgments", file, "--force", "--json").stdout)["judgments"]
            == 1
        )

    @pytest.mark.parametrize("files", [(), ("a.xlsx", "--judgments", "b.jsonl")])
    def test_one_file_is_named_and_not_two(self, data: Path, files: tuple[str, ...]) -> None:
        result = self.run(data, "export", *files)
        assert result.exit_code == 2
        assert "二者取一" in result.output

    def test_proposals_are_listed_with_counts_and_sources(self, data: Path) -> None:
        shown = self.run(data, "proposals", "list").output
        assert "生娃的补贴去哪领  3次（坐席选用2，待答问题办结1） → A-1 甲问题" in shown
        (row,) = json.loads(self.run(data, "proposals", "list", "--json").stdout)
        assert (row["wording"], row["sources"]) == ("生娃的补贴去哪领", {"pick": 2, "ticket": 1})
        assert self.run(data, "proposals", "list", "--state", "DECLINED").output == ""
        assert json.loads(self.run(data, "proposals", "list", "--department", "待遇保障处", "--json").stdout)
        assert "错误" in self.run(data, "proposals", "list", "--department", "没有的处").output
