"""The people in the tests: one of each role, two editors of one department, and somebody with no business here."""

from knowledge.people import Department, Member, Role
from knowledge.store import Records

BENEFITS = Department("benefits", "待遇保障处", duties="门诊、住院、生育待遇，大病保险")
SETTLEMENT = Department("settlement", "待遇结算处", duties="报销、结算")
OFFICE = Department("office", "办公室", is_office=True, duties="信息公开、宣传")
DEPARTMENTS = (BENEFITS, SETTLEMENT, OFFICE)

EDITOR = Member("editor", "艾编辑", "benefits", frozenset({Role.EDITOR}))
COLLEAGUE = Member("colleague", "童同事", "benefits", frozenset({Role.EDITOR}))
HEAD = Member("head", "楚处长", "benefits", frozenset({Role.REVIEWER}))
LEADER = Member("leader", "林局长", "office", frozenset({Role.APPROVER}))
PUBLISHER = Member("publisher", "傅发布", "office", frozenset({Role.PUBLISHER}))
ADMIN = Member("admin", "关管理", "office", frozenset({Role.ADMINISTRATOR}))
AUDITOR = Member("auditor", "沈审计", "office", frozenset({Role.AUDITOR}))
OPERATOR = Member("operator", "左坐席", "office", frozenset({Role.OPERATOR}))
OUTSIDER = Member("outsider", "魏外人", "settlement", frozenset({Role.EDITOR, Role.REVIEWER}))
"""Writes and signs in another department: nothing of `benefits` may be open to this member."""

MEMBERS = (EDITOR, COLLEAGUE, HEAD, LEADER, PUBLISHER, ADMIN, AUDITOR, OPERATOR, OUTSIDER)


def settle(records: Records) -> None:
    """Give every department and member an account, without passwords."""
    for department in DEPARTMENTS:
        records.people.add_department(department)
    for member in MEMBERS:
        records.people.add_member(member)
