"""What click says by itself, in Chinese: its usage errors and the fixed words of every `--help`.

click builds its messages from English sentences with values in them. The table has these sentences as they stand in
click's source (a test compares), so that a message is recognised by the sentence it was made of.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError

SENTENCES = {
    "No such option {name!r}.": "没有选项 {name}。",
    "No such command {name!r}.": "没有命令 {name}。",
    "Did you mean {possibility}?": "是不是要用 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "是不是要用其中之一：{possibilities}？",
    "Missing command.": "请写明要运行的命令。",
    "Got unexpected extra argument ({args})": "多余的参数：{args}",
    "Got unexpected extra arguments ({args})": "多余的参数：{args}",
    "Takes {nargs} values but 1 was given.": "应给出{nargs}个值，只给了1个。",
    "Takes {nargs} values but {len} were given.": "应给出{nargs}个值，给了{len}个。",
    "{len_type} values are required, but {len_value} was given.": "应给出{len_type}个值，给了{len_value}个。",
    "{len_type} values are required, but {len_value} were given.": "应给出{len_type}个值，给了{len_value}个。",
    "Argument {name!r} takes {nargs} values.": "参数“{name}”应给出{nargs}个值。",
    "Option {name!r} does not take a value.": "选项 {name} 后面不带值。",
    "Option {name!r} requires an argument.": "选项 {name} 后面要写一个值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name} 后面要写{nargs}个值。",
    "{value!r} is not a valid {number_type}.": "“{value}”不是{number_type}。",
    "{value!r} is not a valid boolean. Recognized values: {states}": "“{value}”不可用，可选：{states}",
    "{value} is not in the range {range}.": "“{value}”超出范围，应为{range}。",
    "{value!r} is not one of {choices}.": "“{value}”不可用，可选：{choices}。",
    "{value!r} is not {choice}.": "“{value}”不可用，只能是 {choice}。",
    "Choose from:\n\t{choices}": "可选：{choices}",
    "{name} {filename!r} does not exist.": "{name}“{filename}”不存在，请核对路径。",
    "{name} {filename!r} is a file.": "“{filename}”是文件，这里要的是目录。",
    "{name} {filename!r} is a directory.": "“{filename}”是目录，这里要的是文件。",
    "{name} {filename!r} is not readable.": "{name}“{filename}”没有读取权限。",
    "{name} {filename!r} is not writable.": "{name}“{filename}”没有写入权限。",
    "{name} {filename!r} is not executable.": "{name}“{filename}”没有执行权限。",
    "Show the version and exit.": "显示版本号。",
    "Show this message and exit.": "显示本说明。",
    "default: {default}": "默认：{default}",
    "env var: {var}": "环境变量：{var}",
}
"""click's sentences, with its names for the values → ours."""

_WORDS = {
    "File": "文件",
    "Directory": "目录",
    "Path": "路径",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "integer": "整数",
    "float": "数字",
    "integer range": "整数",
    "float range": "数字",
    "required": "必填",
}
_VALUES = {"INTEGER RANGE": "整数", "INTEGER": "整数", "FLOAT RANGE": "数字", "FLOAT": "数字", "TEXT": "文字"}
_EXTRA = re.compile(r"(?<=  )\[([^][]+)\]$")


def in_chinese(command: click.Command) -> click.Command:
    """The command, with those below it, made to print its help in Chinese."""
    command.context_class = _Context
    command.options_metavar = "[选项]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]…"
        for child in command.commands.values():
            in_chinese(child)
    return command


def said(message: str) -> str:
    """A message of click's in Chinese; what is none of its sentences comes back as it is."""
    for pattern, ours in _patterns():
        if found := pattern.fullmatch(message):
            return ours.format(**{name: _plain(value) for name, value in found.groupdict().items()})
    return message


class Told(click.UsageError):
    """A usage error of click's, told in Chinese; the exit code is click's: 2."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print how the command is used and what was wrong, on standard error."""
        if self.ctx is not None:
            click.echo(f"{self.ctx.get_usage()}\n查看说明：{self.ctx.command_path} --help\n", file, err=True)
        click.echo(f"错误：{self.message}", file, err=True)


class Root(click.Group):
    """The command that all others belong to: whatever click refuses in any of them is told in Chinese."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """As click does."""
        with _told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does."""
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (Told, NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise Told(_sentence(error), error.ctx) from error
    except (KeyboardInterrupt, EOFError) as error:
        click.echo("\n已中止", err=True)
        raise click.exceptions.Exit(1) from error


def _sentence(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter):
        return _missing(error)
    if isinstance(error, click.BadParameter):
        return f"{_name(error)}：{said(error.message)}"
    if isinstance(error, click.NoSuchOption | click.NoSuchCommand) and error.possibilities:
        return f"{said(error.message)}是不是要用 {'、'.join(sorted(error.possibilities))}？"
    return said(error.message)


def _missing(error: click.MissingParameter) -> str:
    choices = error.param.type.get_missing_message(error.param, error.ctx) if error.param else None
    return f"缺少{_name(error)}。" + (said(choices) + "。" if choices else "")


def _name(error: click.BadParameter) -> str:
    """The parameter as it is typed or, when it has no name of its own there, as the help calls it."""
    if error.param is None or error.ctx is None:
        return "参数"
    if isinstance(error.param, click.Argument):
        return f"参数“{error.param.make_metavar(error.ctx).strip('[]')}”"
    return f"选项 {max(error.param.opts, key=len)}"


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The sentences as patterns; those with the most fixed words first, for others may fit as well."""
    longest = sorted(SENTENCES.items(), key=lambda pair: len(re.sub(r"\{.*?\}", "", pair[0])), reverse=True)
    return [(_pattern(theirs), ours) for theirs, ours in longest]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(?:!r)?\}", sentence)
    fixed = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+)" for place, part in enumerate(parts)]
    return re.compile("".join(fixed), re.DOTALL)


def _plain(value: str) -> str:
    """A value without click's quotes, a list of them with our separator, a word of click's in Chinese."""
    items = [item.strip(" \t\n").strip("'\"") for item in value.split(",")]
    return _WORDS.get(value, _range("、".join(items)))


class _Formatter(click.HelpFormatter):
    """Headings, metavars and notes of the help in Chinese; the texts are Chinese anyway."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_WORDS.get(heading, heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **extra: Any) -> None:
        super().write_dl([(_option(first), _help(second)) for first, second in rows], *args, **extra)


class _Context(click.Context):
    formatter_class = _Formatter


def _option(first: str) -> str:
    for theirs, ours in _VALUES.items():
        if first.endswith(f" {theirs}"):
            return first.removesuffix(theirs) + ours
    return first


def _help(second: str) -> str:
    """A help text and the notes that click puts behind it: `提问渠道。  [default: api; required]`."""
    noted = _EXTRA.sub(lambda found: f"[{'；'.join(map(_note, found[1].split('; ')))}]", second)
    return said(noted)


def _note(note: str) -> str:
    return _WORDS.get(note, _range(said(note)))


def _range(text: str) -> str:
    """`0<=x<=100`, as click writes the range of a number, in words."""
    between = re.sub(r"^(-?[\d.]+)<=x<=(-?[\d.]+)$", r"\1到\2", text)
    return re.sub(r"^x<=", "不大于", re.sub(r"^x>=", "不小于", between))
