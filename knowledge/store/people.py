"""处室 and their members."""

from typing import Any

from sqlalchemy import select

from knowledge.errors import Conflict, NotFound
from knowledge.people import Department, Member, Role, require_login
from knowledge.store.audit import Audit
from knowledge.store.schema import departments, members
from knowledge.store.transaction import AnyRow, Collection, Transaction, writes

_NAMES = select(departments.c.code, departments.c.name)


class People(Collection):
    """Departments by code, members by login."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    def departments(self) -> tuple[Department, ...]:
        """Every department, the office last, by code."""
        ordered = select(departments).order_by(departments.c.is_office, departments.c.code)
        return tuple(_department(row) for row in self._tx.rows(ordered))

    def department_names(self) -> dict[str, str]:
        """Code → name of every department."""
        return {row.code: row.name for row in self._tx.rows(_NAMES)}

    def department(self, code: str) -> Department:
        """The department; NotFound when there is none."""
        row = self._tx.first(select(departments).where(departments.c.code == code))
        if row is None:
            raise NotFound(f"没有代码为“{code}”的处室")
        return _department(row)

    def department_named(self, name: str) -> Department | None:
        """The department of that name, or None."""
        row = self._tx.first(select(departments).where(departments.c.name == name.strip()))
        return _department(row) if row else None

    def office(self) -> Department | None:
        """The department that receives what nobody clearly owns, or None when none is set up."""
        office = select(departments).where(departments.c.is_office).order_by(departments.c.code)
        row = self._tx.first(office)
        return _department(row) if row else None

    @writes
    def add_department(self, department: Department) -> Department:
        """Set up a department. Conflict when its code or its name is taken."""
        taken = f"处室代码“{department.code}”或名称“{department.name}”已被使用"
        self._tx.insert_unique(departments, _department_row(department), taken)
        self._audit.add("department.added", "department", department.code, department.name)
        return department

    @writes
    def save_department(self, department: Department) -> Department:
        """Change a department's name, duties or place. Conflict when another one has the name."""
        self.department(department.code)
        namesake = self.department_named(department.name)
        if namesake and namesake.code != department.code:
            raise Conflict(f"处室名称“{department.name}”已被使用")
        changed = departments.update().where(departments.c.code == department.code)
        self._tx.run(changed.values(**_department_row(department)))
        self._audit.add("department.changed", "department", department.code, department.name)
        return department

    def members(self, department: str = "") -> tuple[Member, ...]:
        """Members of a department, or all of them, by login; inactive ones too."""
        statement = select(members).order_by(members.c.department, members.c.login)
        if department:
            statement = statement.where(members.c.department == department)
        return tuple(_member(row) for row in self._tx.rows(statement))

    def member(self, login: str) -> Member:
        """The member; NotFound when there is none."""
        row = self._tx.first(select(members).where(members.c.login == login))
        if row is None:
            raise NotFound(f"没有登录名为“{login}”的人员")
        return _member(row)

    @writes
    def add_member(self, member: Member, password_hash: str = "") -> Member:
        """Give a person an account. InvalidValue for a login that cannot be one, Conflict when it is taken."""
        require_login(member.login)
        taken = f"登录名“{member.login}”已被使用，请换一个"
        self._tx.insert_unique(members, {**_member_row(member), "password_hash": password_hash}, taken)
        self._audit.add("member.added", "member", member.login, _line(member))
        return member

    @writes
    def save_member(self, member: Member) -> Member:
        """Change a member's name, department, roles, or whether the account is active."""
        self._update_member(member.login, _member_row(member))
        self._audit.add("member.changed", "member", member.login, _line(member))
        return member

    def password_hash(self, login: str) -> str:
        """The stored hash; "" when the member has no password, or there is no such member."""
        return self._tx.scalar(select(members.c.password_hash).where(members.c.login == login)) or ""

    @writes
    def set_password(self, login: str, password_hash: str) -> None:
        """Replace the stored hash."""
        self._update_member(login, {"password_hash": password_hash})
        self._audit.add("password.set", "member", login)

    def _update_member(self, login: str, values: dict[str, Any]) -> None:
        if self._tx.run(members.update().where(members.c.login == login).values(**values)) == 0:
            raise NotFound(f"没有登录名为“{login}”的人员")


def _department(row: AnyRow) -> Department:
    return Department(**row._mapping)


def _department_row(department: Department) -> dict[str, Any]:
    return {
        "code": department.code,
        "name": department.name.strip(),
        "is_office": department.is_office,
        "duties": department.duties,
    }


def _member(row: AnyRow) -> Member:
    return Member(
        login=row.login,
        name=row.name,
        department=row.department,
        roles=frozenset(Role(role) for role in row.roles.split(",") if role),
        active=row.active,
    )


def _member_row(member: Member) -> dict[str, Any]:
    return {
        "login": member.login,
        "name": member.name,
        "department": member.department,
        "roles": ",".join(sorted(member.roles)),
        "active": member.active,
    }


def _line(member: Member) -> str:
    roles = "、".join(sorted(role.label for role in member.roles))
    return f"{member.name} {member.department} {roles}" + ("" if member.active else " 已停用")
