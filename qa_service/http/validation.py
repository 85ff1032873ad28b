"""What was wrong with a request, in Chinese, and where: a JSON pointer for bodies, the name for parameters."""

from collections.abc import Callable, Mapping
from typing import Any

_FIELDS = {
    "问题": "#/question",
    "标准问": "#/question",
    "答案": "#/answer",
    "部门": "#/department",
    "相似问": "#/similar_questions",
    "地区": "#/region",
    "失效日期": "#/effective_until",
    "退回原因": "#/reason",
    "下架原因": "#/reason",
    "变更原因": "#/reason",
    "转办原因": "#/reason",
    "不予答复的原因": "#/reason",
    "转办处室": "#/department",
    "文号": "#/number",
    "口令": "#/password",
}
_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "必须填写",
    "extra_forbidden": lambda _: "没有这一项，请检查名称",
    "string_type": lambda _: "应为文字",
    "string_unicode": lambda _: "含有无法识别的字符",
    "string_too_short": lambda c: f"至少{c['min_length']}个字" if c["min_length"] > 1 else "不能为空",
    "string_too_long": lambda c: f"最多{c['max_length']}个字",
    "string_pattern_mismatch": lambda _: "格式不符合要求，不能为空白",
    "too_long": lambda c: f"最多{c['max_length']}项",
    "too_short": lambda c: f"至少{c['min_length']}项",
    "int_type": lambda _: "应为整数",
    "int_parsing": lambda _: "应为整数",
    "int_parsing_size": lambda _: "数值过大",
    "int_from_float": lambda _: "应为整数",
    "bool_type": lambda _: "应为 true 或 false",
    "bool_parsing": lambda _: "应为 true 或 false",
    "greater_than_equal": lambda c: f"不能小于{c['ge']}",
    "less_than_equal": lambda c: f"不能大于{c['le']}",
    "enum": lambda c: _one_of(c["expected"]),
    "literal_error": lambda c: _one_of(c["expected"]),
    "list_type": lambda _: "应为列表",
    "dict_type": lambda _: "应为对象",
    "model_type": lambda _: "应为对象",
    "model_attributes_type": lambda _: "应为 JSON 对象，并以 Content-Type: application/json 提交",
    "json_invalid": lambda _: "不是有效的 JSON",
}


def described(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors as an item of a problem."""
    location, *path = error["loc"] or ("body",)
    if error["type"] == "json_invalid":
        path = []
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _SENTENCES:
        detail = _SENTENCES[kind](context)
    elif kind.startswith(("date", "time")):
        detail = "应为日期，形如 2026-01-31"
    elif kind == "value_error":
        detail = str(context.get("error", "")) or "不符合要求"
    else:
        detail = "不符合要求"
    return {"pointer": _pointer(str(location), path), "location": str(location), "detail": detail}


def named(item: Mapping[str, str]) -> str:
    """An item as a sentence that begins with the place."""
    return f"{item['pointer'].removeprefix('#').removeprefix('/') or '请求内容'}：{item['detail']}"


def pointer_of_field(field: str, expected: str) -> dict[str, str]:
    """An item of a problem for a field that the domain calls by its Chinese name."""
    return {"pointer": _FIELDS.get(field, field), "location": "body", "detail": expected}


def _one_of(expected: str) -> str:
    """What pydantic lists as “'', 'a' or 'b'”."""
    choices = [each.strip("'") for each in expected.replace(" or ", ", ").split(", ")]
    sentence = f"应为 {'、'.join(filter(None, choices))} 之一"
    return sentence if "" not in choices else f"{sentence}，或留空"


def _pointer(location: str, path: list[Any]) -> str:
    if location != "body":
        return ".".join(str(part) for part in path)[:500]
    if not path:
        return "#"
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return ("#/" + "/".join(escaped))[:500]
