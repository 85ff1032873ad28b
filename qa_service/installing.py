"""Making a data folder: its settings file, its office and administrator, or the whole sample knowledge base."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from knowledge.entry import Channel
from knowledge.people import Department, Member, Role
from knowledge.store import Store
from qa_service.accounts import hash_password, make_key, new_password
from qa_service.samples import load_samples
from qa_service.settings import FILE_NAME, Settings

ACCOUNTS_FILE = "initial-accounts.json"
DEMO_FILE = "demo-accounts.json"
_INSTALLED = "installed"
_SETTINGS_TEMPLATE = """\
# 政答的设置。每一项的含义见 docs/settings.md；去掉行首的 # 即生效，改后重启服务。

# bureau_name = "示范市医疗保障局"
# region = "330100"
# port = 8000
# ticket_working_days = 5
# secure_cookies = true
"""


@dataclass(frozen=True)
class Account:
    """An account that was made, with its first password."""

    login: str
    password: str
    name: str
    department: str
    roles: str


@dataclass(frozen=True)
class Installed:
    """The accounts that installing made, none when there was nothing to do, and the file that keeps them."""

    accounts: tuple[Account, ...]
    accounts_file: Path


def install(
    settings: Settings, samples: bool = False, say: Callable[[str], None] = lambda _: None
) -> Installed:
    """Make the data folder. What exists is left as it is; the installation is one transaction a part."""
    settings.data.mkdir(parents=True, exist_ok=True)
    file = settings.data / FILE_NAME
    if not file.exists():
        file.write_text(_SETTINGS_TEMPLATE, encoding="utf-8")
    accounts_file = settings.data / (DEMO_FILE if samples else ACCOUNTS_FILE)
    store = Store.open(settings.store_url)
    try:
        with store.reading() as records:
            done = records.state.get(_INSTALLED)
        if done == "samples" or (done and not samples):
            return Installed((), accounts_file)
        if samples:
            say("首次启动：载入示例知识库……")
            accounts = _install_samples(store)
        else:
            accounts = _install_administrator(store)
        _keep_secret(accounts_file, accounts)
        with store.writing("system", datetime.now(UTC)) as records:
            records.state.set(_INSTALLED, "samples" if samples else "empty")
        return Installed(accounts, accounts_file)
    finally:
        store.close()


def demo_accounts(settings: Settings) -> tuple[Account, ...]:
    """The demo accounts that `install` made, with their first passwords."""
    try:
        kept = json.loads((settings.data / DEMO_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(Account(**account) for account in kept)


def _install_administrator(store: Store) -> tuple[Account, ...]:
    password = new_password()
    member = Member("administrator", "系统管理员", "office", frozenset({Role.ADMINISTRATOR}))
    with store.writing("system", datetime.now(UTC)) as records:
        if records.people.office() is None:
            records.people.add_department(Department("office", "办公室", is_office=True))
        if not any(m.login == member.login for m in records.people.members()):
            records.people.add_member(member, hash_password(password))
    return (Account(member.login, password, member.name, "办公室", Role.ADMINISTRATOR.label),)


def _install_samples(store: Store) -> tuple[Account, ...]:
    made = load_samples(store, hash_password) or _new_passwords(store)
    with store.reading() as records:
        names = records.people.department_names()
    with store.reading() as records:
        stored = records.access.api_keys()
    if not any(key.public for key in stored):
        make_key(store, "示例网站", Channel.WEBSITE, True, 120, "system", datetime.now(UTC))
    return tuple(
        Account(
            member.login,
            password,
            member.name,
            names[member.department],
            "、".join(role.label for role in Role if role in member.roles),
        )
        for member, password in made
    )


def _new_passwords(store: Store) -> tuple[tuple[Member, str], ...]:
    """Passwords in place of those that an interrupted installation made and never showed to anybody."""
    with store.reading() as records:
        passwords = [(member, new_password()) for member in records.people.members()]
    hashed = [(member.login, hash_password(password)) for member, password in passwords]
    with store.writing("system", datetime.now(UTC)) as records:
        for login, digest in hashed:
            records.people.set_password(login, digest)
    return tuple(passwords)


def _keep_secret(path: Path, accounts: tuple[Account, ...]) -> None:
    """Write the first passwords where only this system user can read them."""
    aside = path.with_suffix(".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, ensure_ascii=False, indent=1)
    aside.replace(path)
