"""The names of people and departments, as pages show them instead of logins and codes."""

from knowledge.people import SYSTEM
from knowledge.store import Records


def people(records: Records) -> dict[str, str]:
    """Login → name of everybody, and of the system itself."""
    return {SYSTEM.login: SYSTEM.name} | {member.login: member.name for member in records.people.members()}


def departments(records: Records) -> dict[str, str]:
    """Code → name of every department."""
    return {department.code: department.name for department in records.people.departments()}
