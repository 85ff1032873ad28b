"""政策文件: the register of policy documents."""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from knowledge.document_number import canonical
from knowledge.errors import Conflict, NotFound
from knowledge.policy import Disclosure, PolicyDocument, Validity
from knowledge.store.audit import Audit
from knowledge.store.citing import citing
from knowledge.store.publications import Publications
from knowledge.store.schema import policies
from knowledge.store.texts import dump, load
from knowledge.store.titles import title_key
from knowledge.store.transaction import STALE, AnyRow, Collection, Page, Transaction, writes


@dataclass(frozen=True)
class PolicyFilter:
    """Which documents to list; `text` is looked for in title, number, issuer and index number."""

    text: str = ""
    topic: str = ""
    validity: Validity | None = None


class Policies(Collection):
    """Documents by id, number and title. Numbers are kept in their canonical form."""

    def __init__(self, transaction: Transaction, audit: Audit, publications: Publications) -> None:
        super().__init__(transaction)
        self._audit = audit
        self._publications = publications

    def get(self, policy_id: int) -> PolicyDocument:
        """The document; NotFound when there is none."""
        row = self._tx.first(select(policies).where(policies.c.id == policy_id))
        if row is None:
            raise _unknown(policy_id)
        return _document(row)

    def by_number(self, number: str) -> PolicyDocument | None:
        """The document with this 文号, however it is written, or None."""
        row = self._tx.first(select(policies).where(policies.c.number == canonical(number)))
        return _document(row) if row else None

    def by_title(self, title: str) -> PolicyDocument | None:
        """The document of this title; of several, one in force, then the newest. None when there is none."""
        lapsed = policies.c.validity.in_((Validity.REPEALED.value, Validity.EXPIRED.value))
        statement = select(policies).where(policies.c.title_key == title_key(title))
        row = self._tx.first(statement.order_by(lapsed, policies.c.id.desc()))
        return _document(row) if row else None

    def list(
        self, matching: PolicyFilter = PolicyFilter(), limit: int = 50, offset: int = 0
    ) -> Page[PolicyDocument]:
        """Documents, the most recently published first."""
        newest_first = (policies.c.published_on.desc().nulls_last(), policies.c.id.desc())
        statement = select(policies).where(*_conditions(matching)).order_by(*newest_first)
        return self._tx.page(statement, _document, limit, offset)

    def citing(self, document: PolicyDocument) -> tuple[int, ...]:
        """Ids of the entries whose newest or published revision cites the document."""
        wanted = citing(canonical(document.number), title_key(document.title))
        return tuple(sorted(row[0] for row in self._tx.rows(wanted)))

    @writes
    def add(self, document: PolicyDocument, origin: str = "") -> PolicyDocument:
        """Register a document. Conflict when its number is already registered.

        `origin` says in the audit where it comes from, when nobody typed it in.
        """
        added = replace(document, number=canonical(document.number), version=1)
        taken = f"文号“{added.number}”已经登记，请修改原有文件"
        added = replace(added, id=self._tx.insert_unique(policies, _row(added), taken))
        if added.validity is not Validity.IN_FORCE or added.valid_until is not None:
            self._publications.note_document(added)
        self._audit.add("policy.added", "policy", added.id, f"{_line(added)} {origin}".rstrip())
        return added

    @writes
    def add_many(
        self, documents: Iterable[PolicyDocument], origin: str = ""
    ) -> builtins.list[PolicyDocument]:
        """`add` for each, all or none as far as the caller lets the Conflict end the transaction."""
        return [self.add(document, origin) for document in documents]

    @writes
    def save(self, document: PolicyDocument, action: str, detail: str = "") -> PolicyDocument:
        """Store a changed document; entries that cite it are republished when its validity changed.

        Conflict when somebody changed it since it was read, or another document has its number.
        """
        stored = self.get(document.id)
        saved = replace(document, number=canonical(document.number), version=document.version + 1)
        if saved.number and saved.number != stored.number and self.by_number(saved.number):
            raise Conflict(f"文号“{saved.number}”已经登记在另一份文件上")
        unchanged = {"old_id": document.id, "old_version": document.version}
        if self._tx.run(_UPDATE, {**unchanged, **_row(saved)}) == 0:
            raise Conflict(f"文件《{stored.title}》{STALE}")
        if _decides_service(saved) != _decides_service(stored):
            self._publications.note_document(stored)
            self._publications.note_document(saved)
        self._audit.add(action, "policy", saved.id, detail or _line(saved))
        return saved


_UPDATE = policies.update().where(
    policies.c.id == bindparam("old_id"), policies.c.version == bindparam("old_version")
)


def _decides_service(document: PolicyDocument) -> tuple[object, ...]:
    """What decides which entries may be served."""
    return (document.validity, document.valid_until, document.number, title_key(document.title))


def _conditions(matching: PolicyFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.text:
        places = (policies.c.title, policies.c.number, policies.c.issuer, policies.c.index_number)
        contains = [place.icontains(matching.text.strip(), autoescape=True) for place in places]
        found.append(or_(*contains, policies.c.number == canonical(matching.text)))
    if matching.topic:
        found.append(policies.c.topic == matching.topic)
    if matching.validity is not None:
        found.append(policies.c.validity == matching.validity.value)
    return found


def _unknown(policy_id: int) -> NotFound:
    return NotFound(f"没有编号为 {policy_id} 的政策文件")


def _line(document: PolicyDocument) -> str:
    return f"《{document.title}》{document.number} {document.validity.label}"


_LISTS = ("co_issuers", "amends", "repeals")
_AS_IS = tuple(
    field.name
    for field in fields(PolicyDocument)
    if field.name not in ("id", "number", "validity", "disclosure", *_LISTS)
)


def _row(document: PolicyDocument) -> dict[str, Any]:
    return {
        **{name: getattr(document, name) for name in _AS_IS},
        **{name: dump(getattr(document, name)) for name in _LISTS},
        "title_key": title_key(document.title),
        "number": document.number or None,
        "validity": document.validity.value,
        "disclosure": document.disclosure.value,
    }


def _document(row: AnyRow) -> PolicyDocument:
    stored = row._mapping
    lists: dict[str, Any] = {name: load(stored[name]) for name in _LISTS}
    return PolicyDocument(
        **{name: stored[name] for name in _AS_IS},
        **lists,
        id=stored["id"],
        number=stored["number"] or "",
        validity=Validity(stored["validity"]),
        disclosure=Disclosure(stored["disclosure"]),
    )
