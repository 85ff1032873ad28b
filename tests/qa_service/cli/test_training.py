"""`zhengda train` and `zhengda adapt`, up to where training begins; that is in tests/training."""

import fcntl
import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.model_encoder import BUNDLED, SETTINGS_FILE
from indexer.training.adapting import Adaptation
from knowledge.store import Store
from qa_service.cli import training
from qa_service.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an empty record."""
    folder = tmp_path / "data"
    folder.mkdir()
    Store.open(f"sqlite:///{folder / 'zhengda.sqlite'}").close()
    return folder


@pytest.fixture
def run(data: Path) -> Run:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(data), *arguments])

    return invoke


@pytest.fixture
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `training` is installed; what the tests run ends before any of it is imported."""
    monkeypatch.setattr(training, "find_spec", lambda name: find_spec("json"))


def put_model(data: Path) -> Path:
    folder = data / "model"
    folder.mkdir()
    shutil.copy(BUNDLED / SETTINGS_FILE, folder)
    return folder


class TestMissingLibraries:
    @pytest.fixture(autouse=True)
    def _without_torch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            training, "find_spec", lambda name: None if name in ("torch", "onnx") else find_spec("json")
        )

    @pytest.mark.parametrize("command", [("train", "--out", "新模型"), ("adapt",)])
    def test_are_named_with_what_to_install(self, run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
        result = run(*(str(tmp_path / word) if word == "新模型" else word for word in command))
        assert result.exit_code == 1
        assert result.stderr == (
            "错误：训练需要另外安装的程序库（缺少 torch、onnx），请先执行：pip install 'zhengda[training]'\n"
        )
        assert not (tmp_path / "新模型").exists()

    def test_are_not_needed_to_go_back_to_the_shipped_model(self, run: Run) -> None:
        assert run("adapt", "--remove").exit_code == 0


class TestTrain:
    def test_a_folder_that_exists_is_not_overwritten(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "model").mkdir()
        result = run("train", "--out", str(tmp_path / "model"))
        assert result.exit_code == 2
        assert f"目录 {tmp_path / 'model'} 已存在，请另选一个，以免覆盖" in result.stderr
        assert list((tmp_path / "model").iterdir()) == []

    def test_without_a_place_to_write_to_it_does_not_begin(self, run: Run) -> None:
        result = run("train")
        assert (result.exit_code, "--out" in result.stderr) == (2, True)

    @pytest.mark.usefixtures("_libraries")
    def test_where_it_was_written_is_told_as_the_settings_need_it(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            training, "make", lambda groups, folder, *_, **__: shutil.copytree(BUNDLED, folder)
        )
        monkeypatch.chdir(tmp_path)
        assert f'encoder = "model:{tmp_path / "新模型"}"' in run("train", "--out", "新模型").stdout

    @pytest.mark.usefixtures("_libraries")
    def test_material_that_cannot_be_read_is_told_in_one_line(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "material").mkdir()
        (tmp_path / "material" / "a.jsonl").write_text("{\n", encoding="utf-8")
        out = tmp_path / "model"
        result = run("train", "--material", str(tmp_path / "material"), "--out", str(out))
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert result.stderr.startswith("错误：a.jsonl 第1行无法使用：")
        assert [path.name for path in tmp_path.iterdir() if "model" in path.name] == []

    @pytest.mark.usefixtures("_libraries")
    def test_an_empty_folder_of_material_is_told(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "material").mkdir()
        result = run("train", "--material", str(tmp_path / "material"), "--out", str(tmp_path / "model"))
        assert (result.exit_code, "没有训练语料" in result.stderr) == (1, True)


class TestAdapt:
    @pytest.mark.usefixtures("_libraries")
    @pytest.mark.parametrize(
        ("encoder", "told"),
        [
            ("bundled", "已启用新模型，重新启动服务后生效"),
            ("model:model", "已启用新模型，重新启动服务后生效"),
            ("none", '设置里是 encoder = "none"，没有用它，改为 "bundled" 并重新启动服务后生效'),
        ],
    )
    def test_it_says_whether_the_settings_make_anything_of_the_new_model(
        self, run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, encoder: str, told: str
    ) -> None:
        def tuned(*_: object) -> Adaptation:
            put_model(data)
            return Adaptation(held=40, before=20, after=25, gained=("甲",), lost=())

        monkeypatch.setattr(training, "adapt_encoder", tuned)
        (data / "zhengda.toml").write_text(f'encoder = "{encoder}"\n')
        result = run("adapt")
        assert (result.exit_code, told in result.stdout) == (0, True), result.output

    @pytest.mark.usefixtures("_libraries")
    def test_a_second_one_at_the_same_time_is_told_to_wait(self, run: Run, data: Path) -> None:
        with (data / "adapt.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            result = run("adapt")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "正在由另一个 zhengda adapt 微调，请等它结束后再试" in result.stderr

    def test_remove_where_another_encoder_is_named_says_what_it_did(self, run: Run, data: Path) -> None:
        (data / "zhengda.toml").write_text('encoder = "none"\n')
        put_model(data)
        assert run("adapt", "--remove").output == "已删除微调成的模型\n"

    def test_remove_goes_back_to_the_shipped_model(self, run: Run, data: Path) -> None:
        folder = put_model(data)
        result = run("adapt", "--remove")
        assert (result.exit_code, result.output) == (0, "已恢复随程序提供的模型，重新启动服务后生效\n")
        assert not folder.exists()

    def test_remove_without_an_own_model_says_so(self, run: Run) -> None:
        result = run("adapt", "--remove")
        assert (result.exit_code, result.output) == (0, "本来就在使用随程序提供的模型\n")

    def test_remove_can_be_read_by_a_program(self, run: Run, data: Path) -> None:
        put_model(data)
        assert json.loads(run("adapt", "--remove", "--json").stdout) == {"removed": True}
        assert json.loads(run("adapt", "--remove", "--json").stdout) == {"removed": False}

    @pytest.mark.usefixtures("_libraries")
    def test_a_base_with_too_few_questions_is_told_and_stays_as_it_is(self, run: Run, data: Path) -> None:
        result = run("adapt")
        assert result.exit_code == 1
        assert "本单位可用于检验的问法只有0条，至少需要30条" in result.stderr
        assert not list(data.glob("model*"))

    @pytest.mark.usefixtures("_libraries")
    def test_a_data_folder_that_was_never_made_is_told(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(main, ["--data", str(tmp_path / "nowhere"), "adapt"])
        assert (result.exit_code, "init" in result.stderr) == (1, True)
