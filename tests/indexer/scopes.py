"""Entries and scopes drawn at random, and which entries are in a scope, worked out one by one."""

from datetime import date, timedelta

from hypothesis import strategies as st

from indexer.scope import Scope
from knowledge.entry import Channel, EntryText, InsuredGroup, PublishedEntry
from knowledge.policy import Disclosure
from tests.indexer.making import TODAY, a_text

REGIONS = ("", "330000", "330100", "330200", "440000", "440300", "110000")
AUDIENCES = ("", "学生", "退休人员")
_DAYS = st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days))
_QUESTIONS = ("生育津贴如何申领", "生育津贴多久到账", "异地就医如何备案", "门诊费用如何报销", "医保卡丢了")


@st.composite
def texts(draw: st.DrawFn) -> EntryText:
    since, until = draw(st.none() | _DAYS), draw(st.none() | _DAYS)
    if since and until and until < since:
        since, until = until, since
    return a_text(
        draw(st.sampled_from(_QUESTIONS)),
        region=draw(st.sampled_from(REGIONS)),
        insured_group=draw(st.sampled_from(InsuredGroup)),
        audience=draw(st.sampled_from(AUDIENCES)),
        channels=tuple(sorted(draw(st.sets(st.sampled_from(Channel))))),
        effective_from=since,
        effective_until=until,
        disclosure=draw(st.sampled_from(Disclosure)),
    )


def knowledge(most: int = 25) -> st.SearchStrategy[list[PublishedEntry]]:
    """Entries numbered from 1."""
    return st.lists(texts(), min_size=1, max_size=most).map(
        lambda all_texts: [
            PublishedEntry(id, f"E-{id}", 1, text) for id, text in enumerate(all_texts, start=1)
        ]
    )


scopes = st.builds(
    Scope,
    on=_DAYS,
    region=st.none() | st.sampled_from((*REGIONS, "120000")),
    insured_group=st.sampled_from(("", "employee", "resident")),
    audience=st.sampled_from((*AUDIENCES, "新生儿")),
    channel=st.none() | st.sampled_from(Channel),
)


def is_in(scope: Scope, text: EntryText) -> bool:
    """Said again, in plain words: whether an entry may answer in this scope."""
    if scope.region is not None:
        province = scope.region[:2] + "0000" if scope.region else ""
        if text.region not in ("", province, scope.region):
            return False
    if scope.insured_group and text.insured_group.value not in ("", scope.insured_group):
        return False
    if scope.audience and text.audience not in ("", scope.audience):
        return False
    if scope.channel is not None and text.channels and scope.channel not in text.channels:
        return False
    if scope.channel is Channel.WEBSITE and text.disclosure is not Disclosure.ON_INITIATIVE:
        return False
    return (text.effective_from or date.min) <= scope.on <= (text.effective_until or date.max)
