"""The departments that a file names, by name or code; those that are not known are going to be set up."""

import re
from collections.abc import Iterable

from knowledge.people import Department

_CODE = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")
_OFFICE = "办公室"


class DepartmentNames:
    """Finds departments as people write them.

    `described` are departments that the imported file itself describes; they are set up with their own
    codes where no department of that name exists.
    """

    def __init__(self, known: Iterable[Department], described: Iterable[Department] = ()) -> None:
        self._known = {department.code: department for department in known}
        self._described = {spelling: each for each in described for spelling in (each.code, each.name)}
        self._new: dict[str, Department] = {}
        self._spellings: dict[str, str] = {}
        for department in self._known.values():
            self._learn(department)

    def code(self, written: str) -> str:
        """The code of a department, of a new one when none is called so."""
        spelling = written.casefold()
        if spelling not in self._spellings:
            department = self._described.get(written) or self._made(written)
            if department.code in self._codes():
                department = self._made(department.name)
            self._new[department.code] = department
            self._learn(department)
            self._spellings.setdefault(spelling, department.code)
        return self._spellings[spelling]

    def new(self, used: Iterable[str]) -> list[Department]:
        """The new departments among these codes, in the order in which they were met."""
        wanted = set(used)
        return [department for code, department in self._new.items() if code in wanted]

    def _learn(self, department: Department) -> None:
        # A name goes before a code that is spelt like it.
        self._spellings.setdefault(department.code.casefold(), department.code)
        self._spellings[department.name.casefold()] = department.code

    def _made(self, name: str) -> Department:
        has_office = any(each.is_office for each in (*self._known.values(), *self._new.values()))
        if name == _OFFICE and not has_office and "office" not in self._codes():
            return Department("office", name, is_office=True)
        if _CODE.match(name) and name not in self._codes():
            return Department(name, name)
        number = 1
        while f"dept{number}" in self._codes():
            number += 1
        return Department(f"dept{number}", name)

    def _codes(self) -> set[str]:
        return {*self._known, *self._new}
