"""The references in `docs/`, generated from the code they describe: commands, settings, HTTP API."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

import click

from qa_service.settings import Settings


def references(root: click.Command) -> dict[str, str]:
    """File name → text of every generated reference; `root` is the whole command line."""
    return {"cli.md": commands(root), "settings.md": settings(), "openapi.json": openapi()}


def commands(root: click.Command) -> str:
    """Every command's help, in the order of the groups."""
    parts = ["# 命令行参考\n\n由 `zhengda docs` 生成，请勿手工修改。\n"]
    parts += [
        f"\n## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
        for context in _walk(root, "zhengda")
    ]
    return "".join(parts)


def _walk(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A context for each command, as if it were called: help options come down from the root."""
    chosen = {**command.context_settings, "max_content_width": 100, "terminal_width": 100}
    context = command.context_class(command, parent, name, **chosen)
    yield context
    if isinstance(command, click.Group):
        for child_name, child in command.commands.items():
            yield from _walk(child, child_name, context)


def settings() -> str:
    """Every setting with its type, default and meaning."""
    lines = [
        "# 设置参考",
        "",
        "由 `zhengda docs` 生成，请勿手工修改。",
        "",
        "写在数据目录的 `zhengda.toml` 里，或用同名的环境变量（`ZHENGDA_` 加大写的设置名）覆盖。",
        "",
        "| 设置 | 类型 | 默认值 | 说明 |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = _default(field.default)
        lines.append(f"| `{name}` | {_kind(field.annotation)} | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _kind(annotation: object) -> str:
    if get_origin(annotation) is Literal:
        return "或".join(f"`{value}`" for value in get_args(annotation))
    kind = str(annotation).replace("typing.", "").replace("pathlib.", "").replace("|", "或")
    return kind.removeprefix("<class '").removesuffix("'>").replace("qa_service.settings.", "")


def _default(value: object) -> str:
    if value is None or value in ("", ()):
        return "不设"
    if isinstance(value, tuple):
        shown = [item if isinstance(item, str) else item.key for item in value]
        return "、".join(f"`{item}`" for item in shown)
    return f"`{value}`"


def openapi() -> str:
    """The OpenAPI description of the HTTP API."""
    from qa_service.composition import build  # the description is that of a running application
    from qa_service.http.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        application = build(Settings(data=Path(folder), encoder="none"), open_index=False)
        try:
            description = create_app(application).openapi()
        finally:
            application.close()
    return json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
