"""What a command says when it fails."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from knowledge.store import Store
from qa_service.cli.context import command_errors
from qa_service.cli.main import main


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "/a"), "错误：/a：没有权限，请检查文件和目录的读写权限\n"),
        (NotADirectoryError(20, "Not a directory", "/a/b"), "错误：/a/b：路径中有一段不是目录，请核对路径\n"),
        (FileNotFoundError(2, "No such file", "/a"), "错误：/a：文件或目录不存在，请核对路径\n"),
    ],
)
def test_the_system_refusing_is_told_in_one_line(
    error: OSError, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @command_errors
    def failing() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        failing()
    assert (ended.value.code, capsys.readouterr().err) == (1, line)


def test_a_reader_that_has_gone_is_left_to_click() -> None:
    @command_errors
    def failing() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        failing()


def test_a_data_folder_below_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    result = CliRunner().invoke(main, ["--data", str(folder), "init"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(f"错误：{tmp_path / 'file'}")


def test_a_login_against_the_rule_is_refused(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'zhengda.sqlite'}").close()
    assert CliRunner().invoke(main, ["--data", str(tmp_path), "init"]).exit_code == 0
    add = ["--data", str(tmp_path), "members", "add", "张伟", "--name", "张伟"]
    result = CliRunner().invoke(main, [*add, "--department", "办公室", "--role", "editor"])
    assert (result.exit_code, "2到64个小写英文字母" in result.stderr) == (1, True)
