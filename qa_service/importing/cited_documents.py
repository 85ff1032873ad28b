"""The documents that entries cite, looked up in the register; those that are not there are going to be registered."""

from collections.abc import Iterable
from datetime import date

from knowledge.policy import Citation, PolicyDocument
from knowledge.store import Records
from knowledge.store.titles import title_key


class CitedDocuments:
    """Collects the documents that good rows cite.

    `described` are documents that the imported file itself describes in full.
    """

    def __init__(self, records: Records, described: Iterable[PolicyDocument], today: date) -> None:
        self._records = records
        self._today = today
        self._described = {_key(each.number, each.title): each for each in described}
        self._registered: dict[str, PolicyDocument | None] = {}
        self._new: dict[str, PolicyDocument] = {}

    def remarks(self, cited: Citation) -> str:
        """What the author of the entry should know about a citation, "" when all is well."""
        registered = self._find(cited)
        if registered is None:
            return ""
        if registered.lapsed(self._today):
            return f"《{registered.title}》{_lapse(registered)}，引用它的条目不会用来作答，请核对依据"
        if cited.document_title and not _same_title(cited.document_title, registered.title):
            return f"文件库中这个文号是《{registered.title}》，与所填文件名不同，请核对"
        return ""

    def take(self, cited: Citation) -> None:
        """Remember a cited document that is not registered."""
        if self._find(cited) is None:
            key = _key(cited.document_number, cited.document_title)
            document = self._described.get(key) or PolicyDocument(
                title=cited.document_title or cited.document_number, number=cited.document_number
            )
            self._new.setdefault(key, document)

    def new(self) -> list[PolicyDocument]:
        """The documents to register."""
        return list(self._new.values())

    def _find(self, cited: Citation) -> PolicyDocument | None:
        key = _key(cited.document_number, cited.document_title)
        if key not in self._registered:
            policies = self._records.policies
            by_number = policies.by_number(cited.document_number) if cited.document_number else None
            self._registered[key] = by_number or (
                None if cited.document_number else policies.by_title(cited.document_title)
            )
        return self._registered[key]


def _key(number: str, title: str) -> str:
    return number or "《" + title_key(title)


def _lapse(document: PolicyDocument) -> str:
    if document.valid_until and document.validity.label == "现行有效":
        return f"有效期到{document.valid_until}为止"
    return document.validity.label


def _same_title(written: str, registered: str) -> bool:
    """Whether one title holds the other: people leave out who issued a document."""
    one, other = title_key(written), title_key(registered)
    return one in other or other in one
