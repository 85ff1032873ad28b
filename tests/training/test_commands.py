"""`zhengda train` and `zhengda adapt` with everything that training needs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.model_encoder import ModelEncoder
from indexer.training.material import MATERIAL
from qa_service.cli.main import main


def some_material(folder: Path, groups: int) -> Path:
    """The first groups of the shipped material, in a folder of their own."""
    lines = [
        line
        for file in sorted(MATERIAL.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    folder.mkdir()
    (folder / "some.jsonl").write_text("\n".join(lines[:groups]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_train_makes_a_model_that_serves(tmp_path: Path) -> None:
    material, out = some_material(tmp_path / "material", 32), tmp_path / "out" / "model"
    arguments = ["train", "--material", str(material), "--out", str(out), "--epochs", "0.01"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "共 32 组问法" in result.stdout
    assert ModelEncoder(out).encode_questions(["医保"]).shape == (1, 384)
    assert [path.name for path in out.parent.iterdir()] == ["model"]


def test_too_little_material_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    material, out = some_material(tmp_path / "material", 5), tmp_path / "model"
    result = CliRunner().invoke(main, ["train", "--material", str(material), "--out", str(out)])
    assert result.exit_code == 1
    assert "语料只有5组问法，至少需要32组" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["material"]


@pytest.mark.slow
def test_adapt_tunes_the_shipped_model_on_the_samples_and_says_what_came_of_it(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert CliRunner().invoke(main, [*data, "init", "--samples"]).exit_code == 0
    result = CliRunner().invoke(main, [*data, "adapt", "--minutes", "0.1", "--json"])
    told = json.loads(result.stdout)
    assert told["installed"] == (told["after"] >= told["before"])
    assert result.exit_code == (0 if told["installed"] else 1)
    assert (tmp_path / "data" / "model").exists() == told["installed"]
