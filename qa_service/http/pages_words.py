"""The words that searching knows about: looking, adding, switching off, and trying how a question is read."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from indexer.reading import Reading
from indexer.snapshot import SnapshotUnusable
from knowledge.errors import Conflict, InvalidValue, NotFound
from knowledge.people import Member
from knowledge.wording import WordKind
from qa_service.http import pages_people as names
from qa_service.http.pages_listing import SIZE, PageNumber, offset, paging
from qa_service.http.pages_rendering import render, see_other
from qa_service.http.pages_session import Form, PageMember, Posted
from qa_service.http.parts import App
from qa_service.wording import WORDSMITHS, WordSearch, is_bundled

router = APIRouter(prefix="/words")
Typed = Annotated[str, Query()]
_ORDER = (WordKind.SYNONYM, WordKind.STOP_PHRASE, WordKind.TERM, WordKind.NAME)
KINDS = tuple((kind.value, kind.label) for kind in _ORDER)
STATES = (("", "全部"), ("active", "使用中"), ("off", "已停用"))
ORIGINS = (("", "全部"), ("own", "本单位添加"), ("bundled", "系统自带"))
_FIELDS = {"词语": "text", "规范用语": "formal"}
_TRIED = 200
_VALUES = frozenset(kind.value for kind in WordKind)


@dataclass(frozen=True)
class WordFields:
    """What was typed of a word."""

    kind: str = WordKind.SYNONYM.value
    text: str = ""
    formal: str = ""

    @classmethod
    def posted(cls, form: Posted) -> "WordFields":
        """As a form has them."""
        return cls(form.text("kind"), form.text("text"), form.text("formal"))


@router.get("")
def words(
    request: Request,
    application: App,
    member: PageMember,
    kind: Typed = WordKind.SYNONYM.value,
    text: Typed = "",
    state: Typed = "",
    origin: Typed = "",
    question: Typed = "",
    page: PageNumber = 1,
) -> Response:
    """The words of a kind, and below them how a question would be read."""
    matching = WordSearch(
        _kind(kind),
        text,
        {"active": True, "off": False}.get(state),
        {"own": False, "bundled": True}.get(origin),
    )
    shown = {"text": text, "state": state, "origin": origin, "question": question[:_TRIED]}
    return _words_page(request, application, member, matching, page, shown)


@router.post("")
def add_word(request: Request, form: Form, application: App, member: PageMember) -> Response:
    """Add a word."""
    typed = WordFields.posted(form)
    try:
        application.words.add(_kind(typed.kind), typed.text, typed.formal, member)
    except InvalidValue as error:
        errors = {_FIELDS.get(error.field, ""): error.expected}
        return _add_again(request, application, member, typed, errors, 422)
    except Conflict as error:
        return _add_again(request, application, member, typed, {"text": error.message}, 409)
    return see_other(f"/words?kind={_kind(typed.kind).value}", "word-added")


@router.post("/switch")
def switch_word(form: Form, application: App, member: PageMember) -> Response:
    """Switch a word of the listing off or on."""
    typed, active = WordFields.posted(form), form.text("active") == "yes"
    kind = _kind(typed.kind)
    try:
        application.words.switch(kind, typed.text, typed.formal, active, member)
    except (Conflict, NotFound):
        return see_other(f"/words?kind={kind.value}", "word-moved")
    return see_other(f"/words?kind={kind.value}", "word-on" if active else "word-off")


@router.get("/{word_id}")
def word(request: Request, word_id: int, application: App, member: PageMember) -> Response:
    """A word of the bureau's in a form, and what it said over time."""
    return _word_page(request, word_id, application, member)


@router.post("/{word_id}")
def change_word(request: Request, word_id: int, form: Form, application: App, member: PageMember) -> Response:
    """Change what a word says, or whether it is used."""
    typed = WordFields.posted(form)
    try:
        saved = application.words.change(
            word_id, form.number("version"), member, typed.text, typed.formal, form.text("active") == "yes"
        )
    except InvalidValue as error:
        errors = {_FIELDS.get(error.field, ""): error.expected}
        return _word_page(request, word_id, application, member, typed, errors, 422)
    except Conflict as error:
        return _word_page(request, word_id, application, member, typed, {"": error.message}, 409)
    return see_other(f"/words/{saved.id}", "word-saved")


def _add_again(
    request: Request, application: App, member: Member, typed: WordFields, errors: dict[str, str], status: int
) -> Response:
    matching, shown = WordSearch(_kind(typed.kind)), {"text": "", "state": "", "origin": "", "question": ""}
    return _words_page(request, application, member, matching, 1, shown, typed, errors, status)


def _words_page(
    request: Request,
    application: App,
    member: Member,
    matching: WordSearch,
    page: int,
    shown: dict[str, str],
    typed: WordFields | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = application.words.listing(matching, SIZE, offset(page))
    kind = matching.kind or WordKind.SYNONYM
    with application.store.reading() as records:
        people = names.people(records)
    return render(
        request,
        "words.html",
        status,
        section="words",
        found=found.items,
        paging=paging(request, page, found.total),
        kind=kind,
        kinds=KINDS,
        states=STATES,
        origins=ORIGINS,
        typed=typed or WordFields(kind.value),
        errors=errors or {},
        may_write=member.has(*WORDSMITHS),
        people=people,
        reading=_read(application, shown["question"]),
        waiting=application.index.needs_rebuild(),
        **shown,
    )


def _word_page(
    request: Request,
    word_id: int,
    application: App,
    member: Member,
    typed: WordFields | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    stored, revisions = application.words.get(word_id)
    with application.store.reading() as records:
        people = names.people(records)
    return render(
        request,
        "word.html",
        status,
        section="words",
        word=stored,
        bundled=is_bundled(stored),
        revisions=revisions[::-1],
        typed=typed or WordFields(stored.kind.value, stored.text, stored.formal),
        errors=errors or {},
        may_write=member.has(*WORDSMITHS),
        people=people,
    )


def _read(application: App, question: str) -> Reading | None:
    """How the question is read, None when there is none or the index is not ready."""
    if not question.strip():
        return None
    try:
        return application.index.read(question)
    except SnapshotUnusable:
        return None


def _kind(value: str) -> WordKind:
    """The kind, or synonyms for what is none: addresses are typed by hand too."""
    return WordKind(value) if value in _VALUES else WordKind.SYNONYM
