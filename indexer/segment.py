"""From text to index terms: jieba's words with a domain dictionary, and character bigrams.

Both are kept. Words tell apart what policy tells apart; bigrams forgive a caller's slips and words that no
dictionary knows. A two-character word is a word and a bigram and so counts twice, which favours pairs of
characters that form a word over pairs that merely meet.
"""

import hashlib
import logging
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import jieba

from indexer.normalise import HAN_RUN, normalise

jieba.setLogLevel(logging.WARNING)

_LATIN = re.compile(r"[a-z0-9][a-z0-9.%]*")
_FUNCTION_WORDS = frozenset(
    [
        "的",
        "了",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "嘛",
        "么",
        "是",
        "在",
        "和",
        "与",
        "及",
        "或",
        "也",
        "都",
        "就",
        "还",
        "又",
        "把",
        "被",
        "给",
        "对",
        "为",
        "从",
        "到",
        "由",
        "于",
        "以",
        "之",
        "其",
        "这",
        "那",
        "哪",
        "谁",
        "我",
        "你",
        "您",
        "他",
        "她",
        "它",
        "我们",
        "你们",
        "他们",
        "请问",
        "您好",
        "你好",
        "咨询",
        "一下",
        "想问",
        "想",
        "问",
        "问下",
        "问一下",
        "怎么",
        "怎样",
        "如何",
        "什么",
        "啥",
        "咋",
        "咋办",
        "为什么",
        "多少",
        "几",
        "哪些",
        "哪里",
        "哪儿",
        "是不是",
        "是否",
        "有没有",
        "能不能",
        "可不可以",
        "可以",
        "能",
        "会",
        "要",
        "需要",
        "应该",
        "应当",
        "没有",
        "没",
        "不",
        "很",
        "太",
        "最",
        "更",
        "个",
        "这个",
        "那个",
        "一个",
        "现在",
        "的话",
        "如果",
        "因为",
        "所以",
        "但是",
        "而且",
        "然后",
        "关于",
        "有关",
        "情况",
        "问题",
        "有",
        "去",
        "来",
        "说",
        "让",
        "做",
        "用",
        "上",
        "下",
        "里",
        "中",
        "时",
        "时候",
        "后",
        "前",
        "着",
        "过",
        "得",
        "地",
        "谢谢",
        "麻烦",
        "怎么办",
        "该",
        "呗",
        "嗯",
        "哦",
        "哎",
        "唉",
        "诶",
        "吃",
        "看",
    ]
)


class Segmenter:
    """Cuts texts into index terms with the bundled dictionary and `extra_terms`, a bureau's own words."""

    def __init__(self, extra_terms: tuple[str, ...] = ()) -> None:
        self._jieba = jieba.Tokenizer()
        terms = (*bundled_terms(), *extra_terms)
        self.dictionary_hash = hashlib.sha256("\n".join(sorted(set(terms))).encode()).hexdigest()[:16]
        self._jieba.initialize()
        for term in terms:
            self._jieba.add_word(term, freq=20_000)

    def words(self, text: str) -> list[str]:
        """The words of `text` in order, with the shorter words inside long ones."""
        return [word for word in self._jieba.cut_for_search(normalise(text)) if word.strip()]

    def informative_words(self, text: str) -> list[str]:
        """The distinct words that carry the meaning of a question, in order."""
        seen = dict.fromkeys(
            word
            for word in self.words(text)
            if word not in _FUNCTION_WORDS and (len(word) > 1 or word.isdigit())
        )
        return list(seen)

    def terms(self, text: str) -> list[str]:
        """The index terms of `text`: its words but the single characters, and its character bigrams."""
        plain = normalise(text)
        words = [w for w in self._jieba.cut_for_search(plain) if len(w) > 1 or (w.isalnum() and w.isascii())]
        return words + bigrams(plain)


def bigrams(normalised: str) -> list[str]:
    """Overlapping pairs of characters of each Chinese run, a run of one character alone, Latin words whole."""
    found: list[str] = []
    for run in HAN_RUN.findall(normalised):
        found += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return found + _LATIN.findall(normalised)


@cache
def bundled_terms() -> tuple[str, ...]:
    """The domain dictionary's terms, normalised."""
    lines = files("indexer").joinpath("dictionary", "terms.txt").read_text(encoding="utf-8").splitlines()
    return tuple(dict.fromkeys(normalise(line) for line in lines if line and not line.startswith("#")))


def terms_of_file(path: Path) -> tuple[str, ...]:
    """A bureau's own dictionary: one term a line, `#` starts a comment line."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return tuple(term for line in lines if not line.startswith("#") and (term := normalise(line)))
