"""Is this about what was just talked about? And what would it be, said in full?

A follow-up leaves out what both know: the topic (“要带什么材料”), or all but what is different (“那居民的呢”). It is
asked again as a question of its own: the last topic's words with the new aspect, person or side in place.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from indexer.segment import Segmenter
from knowledge.conversation import Topic
from qa_service.conversation import facets
from qa_service.conversation.contrasts import CONTRASTS, words_of

_OPENING = re.compile(r"^(?:那么|那|还有|另外|然后|这个|这种|它|要是|如果|假如|再就是|和|跟)+[，,]?")
_CLOSING = re.compile(r"(?:呢|啊|呀|吧)?[？?。！!]*$")
_LOOKS_BACK = re.compile(r"^(?:那么|那|这个|这种|它|要是|如果|假如|跟|和)|刚才|上面|呢[？?。]*$")
_TURNS_AWAY = re.compile(
    r"换个问题|别的(?:问题|事)|还有(?:个|一个|件|一件)?事|另外(?:问|想问|请问|再问)|再问(?:一)?个|还想问"
)
ASPECTS = re.compile(
    r"材料|证件|证明|资料|手续|表格?|带什么|带啥|带|准备|提交|要什么|要啥|需要|多久|多长时间|多长|几天|几个月|几年|时间|什么时候|何时|哪天|到账|有效期|期限|"
    r"有结果|结果|批下来|办好|办完|办结|办成|在哪里?|哪里|哪儿|去哪|地方|渠道|网上|线上|手机|窗口|多少钱?|几成|比例|百分之几?|标准|起付线|起付标准|门槛费?|"
    r"封顶线|封顶|限额|上限|额度|高低|怎么办理?|怎么弄|怎么|怎样|如何|流程|步骤|申请|办理|办|谁能?|哪些人|哪些|哪个|哪种|条件|资格|要求|进度|查询|查|代办|别人|"
    r"解除|取消|变更|停|不满意|不服|不行|可以|行不行|行|能不能|能|吗|有没有|有|报销|报|交钱|交费|缴费|交|缴|收费|享受|医保|保险|钱|卡|打到|算|规定|政策|条|"
    r"另外|单独|自己|本人|补|快|慢|收|退|几|够|年|月|天|次|每"
)
"""Words for how, when, where and how much: asked of any matter, they name none."""
SHORT = 9
"""So few characters hardly name a matter and ask about it."""


class Leaning(StrEnum):
    """How a question stands to the last topic, by its words alone; the searches decide what they leave open."""

    WHOLLY = "wholly"
    PERHAPS = "perhaps"
    HARDLY = "hardly"
    NOT = "not"


@dataclass(frozen=True)
class InContext:
    """A follow-up said in full. `group` is the insured group that it asks about, "" for that of before."""

    texts: tuple[str, ...]
    group: str = ""


def leaning(question: str, segmenter: Segmenter) -> Leaning:
    """How much a question leans on what was said before."""
    if _TURNS_AWAY.search(question):
        return Leaning.NOT
    own = own_words(question, segmenter)
    if not own:
        return Leaning.WHOLLY
    if _LOOKS_BACK.search(question) or len(question) <= SHORT:
        return Leaning.PERHAPS
    return Leaning.HARDLY


def own_words(question: str, segmenter: Segmenter) -> list[str]:
    """The words by which a question names a matter: neither person nor aspect, nor what any question has."""
    bare = ASPECTS.sub(" ", facets.without(_bare(question)))
    return [word for word in segmenter.informative_words(bare) if len(word) > 1]


def in_context(question: str, topic: Topic, segmenter: Segmenter) -> InContext:
    """The question said in full, in the ways that are worth searching, the likeliest first."""
    named = facets.mentioned(question)
    bare = _bare(question)
    others = facets.without(ASPECTS.sub("", bare))
    if named and len("".join(words_of(others, segmenter))) <= 1 and not ASPECTS.search(_without_filler(bare)):
        return _of_others(bare, topic, next(iter(named.groups), ""))
    if turned := tuple(text for said in (topic.asked, topic.question) if (text := _turned(bare, said))):
        return InContext((*turned, _added(bare, topic.asked, segmenter)))
    texts = (_added(bare, topic.asked, segmenter), _added(bare, topic.question, segmenter))
    return InContext(
        tuple(dict.fromkeys(texts)), next(iter(named.groups), "") if len(named.groups) == 1 else ""
    )


def _of_others(bare: str, topic: Topic, group: str) -> InContext:
    """The last question, asked of other people."""
    if group:
        return InContext((facets.swapped(topic.asked, group), facets.swapped(topic.question, group)), group)
    who = bare.removesuffix("的")
    return InContext((who + facets.without(topic.asked), who + facets.without(topic.question)))


def _turned(bare: str, said: str) -> str:
    """What was said with the side of a contrast that the question names in place of the other, "" when none is."""
    for contrast in CONTRASTS:
        new = next((found for pattern in contrast.values() if (found := pattern.search(bare))), None)
        old = next((found for pattern in contrast.values() if (found := pattern.search(said))), None)
        if new and old and new.group() != old.group() and len(bare) <= len(new.group()) + 3:
            return said[: old.start()] + new.group() + said[old.end() :]
    return ""


def _added(bare: str, said: str, segmenter: Segmenter) -> str:
    """The matter of what was said, then what is asked of it now."""
    informative = {*segmenter.informative_words(said)}
    kept = [
        word
        for word in words_of(said, segmenter)
        if word in informative and not ASPECTS.fullmatch(word) and word not in bare
    ]
    return "".join(kept) + bare


def _bare(question: str) -> str:
    """The question without what only links it to the last one."""
    return _CLOSING.sub("", _OPENING.sub("", question.strip())).strip("，,。 ") or question


def _without_filler(text: str) -> str:
    return re.sub("[的是个呢吗医保]", "", facets.without(text))
