"""Accounts as an administrator manages them. One transaction each; the session table is told of what ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from knowledge.errors import IllegalMove, NotAllowed
from knowledge.people import Member, Role
from knowledge.store import ApiKey, Store
from qa_service.accounts import change_password, hash_password, new_password, verify_password


@dataclass(frozen=True)
class Membership:
    """The parts that managing accounts needs."""

    store: Store
    clock: Callable[[], datetime]

    def add(self, member: Member, by: Member) -> str:
        """Give a person an account; returns the first password, which is shown this once."""
        by.require(Role.ADMINISTRATOR)
        password = new_password()
        hashed = hash_password(password)
        with self.store.writing(by.login, self.clock()) as records:
            records.people.department(member.department)
            records.people.add_member(member, hashed)
        return password

    def change(self, member: Member, by: Member) -> Member:
        """Change name, department, roles or whether the account is active; signing out who is not any more."""
        by.require(Role.ADMINISTRATOR)
        if member.login == by.login and not member.has(Role.ADMINISTRATOR):
            raise IllegalMove("不能停用自己的账号或取消自己的管理员角色，请由另一位管理员办理")
        with self.store.writing(by.login, self.clock()) as records:
            records.people.department(member.department)
            saved = records.people.save_member(member)
            if not saved.active:
                records.access.end_sessions_of(saved.login)
        return saved

    def reset_password(self, login: str, by: Member) -> str:
        """Give a member a new password, shown this once; his or her sessions end."""
        by.require(Role.ADMINISTRATOR)
        with self.store.reading() as records:
            records.people.member(login)
        password = new_password()
        change_password(self.store, login, password, by.login, self.clock())
        return password

    def change_own_password(self, member: Member, current: str, password: str) -> None:
        """Set one's own password, proving to know the one before; all one's sessions end."""
        with self.store.reading() as records:
            stored = records.people.password_hash(member.login)
        if not verify_password(current, stored):
            raise NotAllowed("原口令不正确，请重新输入")
        change_password(self.store, member.login, password, member.login, self.clock())

    def revoke_key(self, key_id: int, by: Member) -> ApiKey:
        """Make a key useless at once."""
        by.require(Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            return records.access.revoke_key(key_id)
