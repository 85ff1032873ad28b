"""Who writes, signs, asks and looks: departments and their members."""

import re
from dataclasses import dataclass
from enum import StrEnum

from knowledge.errors import InvalidValue, NotAllowed


class Role(StrEnum):
    """What a member may do; a member may hold several."""

    OPERATOR = "operator"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.OPERATOR: "坐席",
    Role.EDITOR: "编辑",
    Role.REVIEWER: "处室负责人",
    Role.APPROVER: "局领导",
    Role.PUBLISHER: "发布员",
    Role.ADMINISTRATOR: "管理员",
    Role.AUDITOR: "审计员",
}


@dataclass(frozen=True)
class Department:
    """A 处室; it owns entries and tickets. The office receives what nobody clearly owns."""

    code: str
    name: str
    is_office: bool = False
    duties: str = ""


@dataclass(frozen=True)
class Member:
    """A person with an account. `department` is a department's code."""

    login: str
    name: str
    department: str
    roles: frozenset[Role]
    active: bool = True

    def has(self, *roles: Role) -> bool:
        """Whether this active member holds at least one of the roles."""
        return self.active and any(role in self.roles for role in roles)

    def require(self, *roles: Role) -> None:
        """Raise NotAllowed unless this member holds at least one of the roles."""
        if not self.has(*roles):
            wanted = "、".join(role.label for role in roles)
            raise NotAllowed(f"{self.name}没有权限：此操作需要“{wanted}”角色，请联系管理员")

    def require_department(self, code: str) -> None:
        """Raise NotAllowed unless this member belongs to the department (administrators may act for any)."""
        if self.department != code and not self.has(Role.ADMINISTRATOR):
            raise NotAllowed("这属于其他处室，只有归属处室的人员可以办理")


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


def require_login(login: str) -> None:
    """Raise InvalidValue for what cannot be the login of a new account."""
    if not _LOGIN.fullmatch(login):
        raise InvalidValue(
            "账号", login, "应为2到64个小写英文字母、数字或 . _ - ，以字母或数字开头，如 zhang.wei"
        )


SYSTEM = Member(login="system", name="系统", department="", roles=frozenset())
"""The actor of what nobody did by hand: a citizen's question queued, a due date passed."""
