"""Settings: given values, then the environment, then the file; a bad value names key, value and expectation."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.people import Role
from knowledge.review import DEFAULT_STAGES, ReviewStage
from qa_service.settings import FILE_NAME, Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZHENGDA_{name.upper()}", raising=False)


def write(folder: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / FILE_NAME).write_bytes(raw)


def refusal(folder: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(folder)
    return refused.value.message


class TestWhereTheyComeFrom:
    def test_without_file_or_environment_they_have_defaults(self, tmp_path: Path) -> None:
        settings = read_settings(tmp_path)
        assert (settings.port, settings.encoder, settings.region) == (8000, "bundled", None)
        assert settings.stages == DEFAULT_STAGES
        assert settings.host == ("127.0.0.1", "::1")

    def test_the_file_in_the_data_folder_is_read(self, tmp_path: Path) -> None:
        write(tmp_path, 'port = 9000\nregion = "杭州"\nhost = ["::"]\n')
        settings = read_settings(tmp_path)
        assert (settings.port, settings.region, settings.host) == (9000, "330100", ("::",))

    def test_the_environment_overrides_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, 'port = 9000\nbureau_name = "甲市医疗保障局"\n')
        monkeypatch.setenv("ZHENGDA_PORT", "9100")
        settings = read_settings(tmp_path)
        assert (settings.port, settings.bureau_name) == (9100, "甲市医疗保障局")

    def test_what_is_given_overrides_both(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, "port = 9000\n")
        monkeypatch.setenv("ZHENGDA_PORT", "9100")
        assert read_settings(tmp_path, port=9200).port == 9200

    def test_the_environment_names_the_data_folder_and_its_file_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, "port = 9000\n")
        monkeypatch.setenv("ZHENGDA_DATA", str(tmp_path))
        settings = read_settings()
        assert (settings.data, settings.port) == (tmp_path, 9000)

    def test_a_byte_order_mark_is_no_obstacle(self, tmp_path: Path) -> None:
        write(tmp_path, b"\xef\xbb\xbfport = 9000\n")
        assert read_settings(tmp_path).port == 9000

    def test_lists_and_tables_come_from_the_environment_as_json(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ZHENGDA_HOST", '["0.0.0.0", "::"]')
        monkeypatch.setenv("ZHENGDA_REVIEW_STAGES", '[{"key": "one", "name": "审核", "role": "reviewer"}]')
        settings = read_settings(tmp_path)
        assert settings.host == ("0.0.0.0", "::")
        assert settings.stages == (ReviewStage("one", "审核", Role.REVIEWER),)

    def test_stages_are_a_table_in_the_file(self, tmp_path: Path) -> None:
        stage = '[[review_stages]]\nkey = "head"\nname = "处室"\nrole = "reviewer"\nown_department = true\n'
        write(tmp_path, stage + '[[review_stages]]\nkey = "office"\nname = "发布"\nrole = "publisher"\n')
        assert read_settings(tmp_path).stages == (
            ReviewStage("head", "处室", Role.REVIEWER, own_department=True),
            ReviewStage("office", "发布", Role.PUBLISHER),
        )

    def test_another_applications_variables_are_not_ours(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ZHENGDA_CHROMIUM", "/usr/bin/chromium")
        read_settings(tmp_path)


class TestBadValues:
    @pytest.mark.parametrize(
        ("line", "key", "value", "expected"),
        [
            ('port = "八千"', "port", "八千", "应为整数"),
            ("port = 99999", "port", "99999", "不能大于65535"),
            ("port = -1", "port", "-1", "不能小于0"),
            ("port = 80.5", "port", "80.5", "应为整数"),
            ('answer_threshold = "高"', "answer_threshold", "高", "应为数字"),
            ("answer_threshold = 1.5", "answer_threshold", "1.5", "不能大于1"),
            ("choices_threshold = -0.1", "choices_threshold", "-0.1", "不能小于0"),
            ("highest_wrong_rate = 0", "highest_wrong_rate", "0", "应大于0"),
            ("highest_wrong_rate = 2", "highest_wrong_rate", "2", "不能大于0.5"),
            ("choices = 1", "choices", "1", "不能小于2"),
            ("choices = 11", "choices", "11", "不能大于10"),
            ("max_question = 5", "max_question", "5", "不能小于20"),
            ("ticket_working_days = 0", "ticket_working_days", "0", "不能小于1"),
            ("follow_seconds = 0", "follow_seconds", "0", "应大于0"),
            ("follow_seconds = 5", "follow_seconds", "5", "不能大于2"),
            ("session_hours = 0", "session_hours", "0", "不能小于1"),
            ("website_per_minute = 0", "website_per_minute", "0", "不能小于1"),
            ('secure_cookies = "也许"', "secure_cookies", "也许", "应为 true 或 false"),
            ("bureau_name = 3", "bureau_name", "3", "应为文字"),
            ('host = "127.0.0.1"', "host", "127.0.0.1", "应为列表"),
            (
                'region = "火星"',
                "region",
                "火星",
                "应为六位行政区划代码（GB/T 2260）或省、市名称，留空表示全国",
            ),
            ("review_stages = []", "review_stages", "[]", "至少一个环节，且 key 不能重复"),
        ],
    )
    def test_name_key_value_and_what_is_expected(
        self, tmp_path: Path, line: str, key: str, value: str, expected: str
    ) -> None:
        write(tmp_path, line)
        assert refusal(tmp_path) == f"设置项“{key}”的值“{value}”不可用：{expected}"

    def test_a_stage_names_its_place_in_the_table(self, tmp_path: Path) -> None:
        write(tmp_path, '[[review_stages]]\nkey = "a"\nname = "甲"\nrole = "king"\n')
        message = refusal(tmp_path)
        assert message.startswith("设置项“review_stages.0.role”的值“king”不可用：应为")
        assert "reviewer" in message

    def test_two_stages_may_not_share_a_key(self, tmp_path: Path) -> None:
        write(tmp_path, '[[review_stages]]\nkey = "a"\nname = "甲"\nrole = "reviewer"\n' * 2)
        assert refusal(tmp_path).endswith("至少一个环节，且 key 不能重复")

    def test_a_dictionary_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path, f'dictionary = "{tmp_path / "nowhere.txt"}"')
        assert refusal(tmp_path) == (
            f"设置项“dictionary”的值“{tmp_path / 'nowhere.txt'}”不可用：文件不存在或不是 UTF-8 文本"
        )

    def test_a_dictionary_beside_them_is_found_from_any_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "词典.txt").write_text("长护险\n", encoding="utf-8")
        write(tmp_path, 'dictionary = "词典.txt"')
        monkeypatch.chdir("/")
        assert read_settings(tmp_path).dictionary == tmp_path / "词典.txt"

    def test_a_key_that_does_not_exist_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, "prot = 8000\n")
        assert refusal(tmp_path).startswith("设置项“prot”不存在，请检查拼写")

    def test_all_of_them_are_named_at_once(self, tmp_path: Path) -> None:
        write(tmp_path, "port = 99999\nchoices = 1\nprot = 1\n")
        message = refusal(tmp_path)
        assert all(f"设置项“{key}”" in message for key in ("port", "choices", "prot"))

    @pytest.mark.parametrize(("name", "value"), [("HOST", "127.0.0.1"), ("REVIEW_STAGES", "none")])
    def test_what_should_be_json_in_the_environment_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"ZHENGDA_{name}", value)
        message = refusal(tmp_path)
        assert f"设置项“{name.lower()}”的值“{value}”不可用" in message
        assert "JSON" in message

    @pytest.mark.parametrize("content", ["port = \n", "port 8000\n", "[port\n"])
    def test_a_file_that_is_not_toml_is_named(self, tmp_path: Path, content: str) -> None:
        write(tmp_path, content)
        assert refusal(tmp_path).startswith("zhengda.toml 不是有效的 TOML：")

    def test_a_file_in_another_encoding_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, 'bureau_name = "甲市医疗保障局"\n'.encode("gb18030"))
        assert refusal(tmp_path) == "zhengda.toml 不是 UTF-8 编码，请另存为 UTF-8"


class TestTheObject:
    def test_cannot_be_changed(self, tmp_path: Path) -> None:
        settings = read_settings(tmp_path)
        with pytest.raises(ValidationError):
            settings.port = 1

    @pytest.mark.parametrize("key", ["encoder_api_key", "metrics_token"])
    def test_does_not_show_what_is_secret(self, tmp_path: Path, key: str) -> None:
        assert "geheim" not in repr(read_settings(tmp_path, **{key: "geheim"}))

    @pytest.mark.parametrize(
        ("given", "url"),
        [
            ({}, "sqlite:///{data}/zhengda.sqlite"),
            ({"database_url": "postgresql+psycopg://u@h/d"}, "postgresql+psycopg://u@h/d"),
        ],
    )
    def test_the_store_is_a_file_in_the_data_folder_unless_told_otherwise(
        self, tmp_path: Path, given: dict[str, Any], url: str
    ) -> None:
        assert read_settings(tmp_path, **given).store_url == url.format(data=tmp_path)

    def test_every_key_is_described_in_chinese(self) -> None:
        undescribed = [
            name
            for name, field in Settings.model_fields.items()
            if not (field.description or "").endswith("。")
        ]
        assert undescribed == []
