"""Generated knowledge for the benchmarks: the sample entries as provinces and cities would word them.

The national originals come first. Then each of a number of regions, drawn from all of the country, words a part of the
samples anew: its name stands in every phrasing, its own figures in every answer. The same size always gives the
same entries.
"""

import hashlib
import itertools
import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from indexer.answers import ANSWER_LENGTH
from indexer.encoders import Encoding, Vectors
from indexer.normalise import simplify
from knowledge import region
from knowledge.entry import EntryText, PublishedEntry
from qa_service.importing.entry_rows import check_entries
from qa_service.tables.columns import ENTRY_COLUMNS
from qa_service.tables.reading import read_table

PER_REGION = 332
"""How many samples a region words anew: 100,000 entries are those of 300 regions."""
_SEED = 12393
_FIGURE = re.compile(r"\d+(?:\.\d+)?(?=%|元|万元|个月|个工作日|日|天)")
_WORDINGS = ("{place}{text}", "在{place}，{text}", "{text}（{place}）", "{text}，我是{place}的")
_MOVED, _OWN = 0.20, 0.10


@dataclass(frozen=True)
class Generated:
    """One generated entry and the sample that it was made from."""

    external_id: str
    origin: str
    text: EntryText


@cache
def samples() -> dict[str, EntryText]:
    """External id → wording of every sample entry, in the order of the files."""
    found: dict[str, EntryText] = {}
    with as_file(files("knowledge").joinpath("samples", "entries")) as folder:
        for path in sorted(folder.glob("*.jsonl")):
            for row in check_entries(read_table(path, ENTRY_COLUMNS)).rows:
                found[row.external_id] = row.text(row.fields["department"])
    return found


def regions_for(count: int) -> tuple[str, ...]:
    """The regions whose wordings a base of `count` entries holds."""
    codes = list(region.names())
    random.Random(_SEED).shuffle(codes)
    return tuple(codes[: max(0, math.ceil((count - len(samples())) / PER_REGION))])


def fingerprint() -> str:
    """Changes when the same size would give other entries: when the samples or what is made of them change."""
    made = [asdict(entry) for entry in itertools.islice(_localised(regions_for(10_000)), 10)]
    return hashlib.sha256(repr((samples(), made, ANSWER_LENGTH)).encode()).hexdigest()[:8]


def generate(count: int) -> Iterator[Generated]:
    """`count` entries, all different."""
    return itertools.islice(itertools.chain(_originals(), _localised(regions_for(count))), count)


def published(count: int) -> Iterator[PublishedEntry]:
    """The same as entries on the air, numbered from 1."""
    for number, entry in enumerate(generate(count), start=1):
        yield PublishedEntry(number, entry.external_id, 1, entry.text)


def localise(text: EntryText, code: str, dice: random.Random) -> EntryText:
    """The wording of a sample as the region would give it."""
    place = region.name(code)
    answer = _FIGURE.sub(lambda figure: _varied(figure.group(), dice), text.answer)
    limit, year = dice.randrange(200, 60_000, 10), dice.choice((2024, 2025, 2026))
    return replace(
        text,
        question=f"{place}{text.question}",
        variants=tuple(dice.choice(_WORDINGS).format(place=place, text=v) for v in text.variants),
        answer=f"{answer}{place}{year}年度的限额为{limit}元，由{place}医疗保障经办机构办理。",
        region=code,
    )


def encoded(text: EntryText) -> list[str]:
    """What an encoder gets to see of an entry: its phrasings, and last its answer."""
    return [*text.phrasings(), text.answer[:ANSWER_LENGTH]]


class PerturbedEncoder:
    """The samples' real vectors, moved for each generated text about as far as naming a city moves a real one.

    (Measured with the bundled encoder: naming a city leaves a median cosine of 0.976 to the sample's own vector.)
    It bears the real encoder's name, so what is built with it opens with the real one.
    """

    def __init__(self, name: str, encodings: dict[str, Encoding], entries: Sequence[Generated]) -> None:
        self.name = name
        self.dimension = len(next(iter(encodings.values())).vector)
        self._origin: dict[str, tuple[Encoding, str]] = {}
        originals = samples()
        for entry in entries:
            for text, original in zip(encoded(entry.text), encoded(originals[entry.origin]), strict=True):
                self._origin[simplify(text)] = (encodings[original], entry.text.region)
        self._phrasings = [simplify(text) for entry in entries for text in entry.text.phrasings()]
        self._directions: dict[str, Vectors] = {}
        self._noise = np.random.default_rng(_SEED)

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension)."""
        origins = [self._origin[simplify(text)] for text in texts]
        found = np.stack([encoding.vector for encoding, _ in origins]).astype(np.float32)
        codes = [code for _, code in origins]
        moved = np.array([[bool(code)] for code in codes], np.float32)
        places = np.stack([self._direction(code) for code in codes])
        found += moved * (_MOVED * places + _OWN * self._unit(len(texts)))
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    encode_questions = encode_phrasings

    def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
        """The same, and the samples' own vectors of tokens."""
        return self.encode_phrasings(texts), [self._origin[simplify(text)][0].tokens for text in texts]

    def all(self) -> Vectors:
        """The vectors of all phrasings, encoded anew."""
        texts = list(dict.fromkeys(self._phrasings))
        batches = [texts[start : start + 1000] for start in range(0, len(texts), 1000)]
        return np.concatenate([self.encode_phrasings(batch) for batch in batches])

    def _direction(self, code: str) -> Vectors:
        if code not in self._directions:
            self._directions[code] = self._unit(1)[0]
        return self._directions[code]

    def _unit(self, count: int) -> Vectors:
        drawn = self._noise.standard_normal((count, self.dimension), np.float32)
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def _originals() -> Iterator[Generated]:
    for external_id, text in samples().items():
        yield Generated(external_id, external_id, text)


def _localised(codes: Sequence[str]) -> Iterator[Generated]:
    for code in codes:
        dice = random.Random(f"{_SEED}:{code}")
        for external_id, text in dice.sample(list(samples().items()), min(PER_REGION, len(samples()))):
            yield Generated(f"{external_id}@{code}", external_id, localise(text, code, dice))


def _varied(figure: str, dice: random.Random) -> str:
    changed = float(figure) * dice.uniform(0.6, 1.4)
    return f"{changed:.1f}" if "." in figure else str(max(1, round(changed)))
