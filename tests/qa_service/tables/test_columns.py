import pytest

from qa_service.tables.columns import ENTRY_COLUMNS, POLICY_COLUMNS, Columns


@pytest.mark.parametrize("columns", [ENTRY_COLUMNS, POLICY_COLUMNS], ids=["entries", "policies"])
def test_every_column_is_recognised_by_its_english_and_its_chinese_name(columns: Columns) -> None:
    for column in columns:
        for header in (column.key, column.label, *column.synonyms):
            assert columns.recognise(header) is column


@pytest.mark.parametrize(
    "header",
    ["Similar Questions", "SIMILAR_QUESTIONS", "similar-questions", " 相似问 ", "*相似问", "相似问（选填）"],
)
def test_headers_are_recognised_however_they_are_decorated(header: str) -> None:
    column = ENTRY_COLUMNS.recognise(header)
    assert column is not None
    assert column.key == "similar_questions"


def test_other_headers_are_not_recognised() -> None:
    assert ENTRY_COLUMNS.recognise("备注") is None
    assert ENTRY_COLUMNS.recognise("") is None
