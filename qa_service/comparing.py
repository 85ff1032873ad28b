"""Two revisions of an entry, field by field."""

from dataclasses import dataclass, fields

from knowledge.entry import EntryText
from knowledge.region import name as region_name

LABELS = {
    "question": "标准问",
    "answer": "答案",
    "department": "部门",
    "variants": "相似问",
    "citations": "条款依据",
    "category": "类目",
    "keywords": "关键字",
    "region": "地区",
    "insured_group": "险种",
    "audience": "人群",
    "channels": "渠道",
    "effective_from": "生效日期",
    "effective_until": "失效日期",
    "disclosure": "公开属性",
}


@dataclass(frozen=True)
class FieldChange:
    """One field that differs. `before` and `after` are for people: one string an item."""

    field: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def compare(old: EntryText, new: EntryText) -> tuple[FieldChange, ...]:
    """The fields in which two wordings differ, in the order in which they are edited."""
    return tuple(
        FieldChange(field.name, LABELS[field.name], _shown(old, field.name), _shown(new, field.name))
        for field in fields(EntryText)
        if getattr(old, field.name) != getattr(new, field.name)
    )


def _shown(text: EntryText, field: str) -> tuple[str, ...]:
    value = getattr(text, field)
    if field == "region":
        return (region_name(value),)
    if field == "category":
        return ("/".join(value),)
    if isinstance(value, tuple):
        return tuple(getattr(item, "label", None) or str(item) for item in value)
    if value is None:
        return ()
    return (getattr(value, "label", None) or str(value),)
