"""`zhengda calibrate`: the wrong-answer rate, what it buys, and recalibration with the bureau's own outcomes."""

from dataclasses import asdict
from typing import Any

import click

from knowledge.errors import ZhengdaError
from qa_service.calibrating import RATES, Calibrating, Recalibration, Row, forget_map, percent
from qa_service.cli.context import CliContext, command_errors, echo_json
from qa_service.composition import Application


@click.command()
@click.option("--apply", "put_in_force", is_flag=True, help="用本单位的结果校准，随即生效。")
@click.option("--reset", is_flag=True, help="改回随附的校准。")
@click.option("--rate", type=float, default=None, metavar="百分数", help="另定答错率上限，如 1.5 即1.5%。")
@click.option("--by", default="system", metavar="账号", help="经办人账号，记入审计。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 打印。")
@click.pass_obj
@command_errors
def calibrate(
    context: CliContext, put_in_force: bool, reset: bool, rate: float | None, by: str, as_json: bool
) -> None:
    """查看答错率上限和它换来的作答比例；用坐席选用、群众认可、反映答错的结果重新校准。

    不带选项只查看，不改动。本单位的结果满200条才能校准；正在运行的服务随即按新的门槛作答。

    例：zhengda calibrate    zhengda calibrate --rate 1    zhengda calibrate --apply --by office.admin

    退出码：0 已查看或已生效；1 结果不够或有误，没有改动。
    """
    if put_in_force and reset:
        raise ZhengdaError("--apply 和 --reset 只能用一个")
    application = context.application(open_index=False)
    try:
        _change(application, put_in_force, reset, rate, by)
        found = application.calibrating.recalibration()
        rows = application.calibrating.table(sorted({*RATES, application.calibrating.rate()}))
        if as_json:
            echo_json(_as_json(application.calibrating, rows, found), 2)
        else:
            _print(application.calibrating, rows, found)
    finally:
        application.close()


def _change(application: Application, put_in_force: bool, reset: bool, rate: float | None, by: str) -> None:
    """What the options ask for, in one transaction. Raises Conflict or InvalidValue, and then nothing is changed."""
    if not put_in_force and not reset and rate is None:
        return
    with application.store.writing(by, application.clock()) as records:
        if rate is not None:
            application.calibrating.choose_in(records, rate / 100, by)
        if put_in_force:
            application.calibrating.apply_in(records, by)
        if reset:
            forget_map(records)


def _print(calibrating: Calibrating, rows: tuple[Row, ...], found: Recalibration) -> None:
    in_force, rate, kept = calibrating.in_force(), calibrating.rate(), calibrating.kept()
    click.echo(f"答错率上限 {percent(rate)}，作答门槛 {in_force.answer:.3f}，选项门槛 {in_force.choices:.3f}")
    click.echo(f"校准依据：本单位{kept.own.outcomes}条结果" if kept.own else "校准依据：随附的校准数据")
    for row in rows:
        covered, now = row.coverage, "（现行）" if row.rate == rate else ""
        click.echo(
            f"  上限{percent(row.rate)}{now}：直接作答 {covered.answered:.1%}，给出选项 {covered.offered:.1%}，"
            f"转为待答 {covered.refused:.1%}；作答中答错 {covered.wrong:.1%}，"
            f"无答案却作答 {covered.unanswerable_answered:.1%}"
        )
    if found.after is None:
        click.echo(f"本单位的结果：{found.obstacle}")
        return
    click.echo(
        f"本单位的结果：{found.outcomes}条，其中答错{found.wrong}条；据此校准，作答门槛 "
        f"{found.before.thresholds.answer:.3f} → {found.after.thresholds.answer:.3f}，直接作答 "
        f"{found.before.coverage.answered:.1%} → {found.after.coverage.answered:.1%}"
    )


def _as_json(calibrating: Calibrating, rows: tuple[Row, ...], found: Recalibration) -> dict[str, Any]:
    kept = calibrating.kept()
    return {
        "highest_wrong_rate": calibrating.rate(),
        "thresholds": asdict(calibrating.in_force()),
        "own": asdict(kept.own) if kept.own else None,
        "rates": [asdict(row) for row in rows],
        "outcomes": {
            "count": found.outcomes,
            "wrong": found.wrong,
            "missing": found.missing,
            "obstacle": found.obstacle,
            "after": asdict(found.after) if found.after else None,
        },
    }
