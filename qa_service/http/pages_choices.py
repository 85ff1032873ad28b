"""What the select fields of pages offer."""

from collections.abc import Iterable
from functools import cache

from knowledge import region
from knowledge.entry import Channel, InsuredGroup
from knowledge.people import Department
from knowledge.policy import Disclosure, Validity

Choice = tuple[str, str]

INSURED_GROUPS: tuple[Choice, ...] = tuple((group.value, group.label) for group in InsuredGroup)
CHANNELS: tuple[Choice, ...] = tuple((channel.value, channel.label) for channel in Channel)
DISCLOSURES: tuple[Choice, ...] = tuple((attribute.value, attribute.label) for attribute in Disclosure)
VALIDITIES: tuple[Choice, ...] = tuple((validity.value, validity.label) for validity in Validity)
AUDIENCES = (
    "灵活就业人员",
    "新生儿",
    "学生",
    "退休人员",
    "老年人",
    "失能人员",
    "失业人员",
    "孕产妇",
    "低保、特困人员",
    "用人单位",
    "医疗机构",
    "零售药店",
)
"""Frequent audiences, offered while typing; any other can be typed too."""


@cache
def regions() -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Provinces, each with itself and its cities, by code."""
    found: dict[str, list[Choice]] = {}
    for code, name in sorted(region.names().items()):
        found.setdefault(code[:2] + "0000", []).append((code, name))
    return tuple((region.name(province), tuple(places)) for province, places in found.items())


def departments(known: Iterable[Department]) -> tuple[Choice, ...]:
    """Departments by code and name."""
    return tuple((department.code, department.name) for department in known)
