"""The benchmarks measure what they say. No test here looks at a time: those belong to the machine."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval import bench
from eval.bench_asking import Asking, Typing
from eval.bench_base import Base, cached_encodings, prepare, sample_encodings
from eval.bench_knowledge import (
    Generated,
    PerturbedEncoder,
    encoded,
    generate,
    published,
    regions_for,
    samples,
)
from eval.bench_measuring import Target, Timing, machine, resident_mb, timed, timing
from eval.bench_search import Baselines, SearchFigures
from eval.bench_server import ServerFigures, Throughput, measure_ask, serving
from indexer.encoders import TOKEN_DIMENSION, Encoding, open_encoder
from knowledge import region
from knowledge.entry import MAX_QUESTION

COUNT = 1_500
TINY = 12


@pytest.fixture(scope="module")
def generated() -> list[Generated]:
    return list(generate(COUNT))


class TestGeneratedKnowledge:
    def test_the_national_originals_come_first(self, generated: list[Generated]) -> None:
        originals = generated[: len(samples())]
        assert {entry.external_id: entry.text for entry in originals} == samples()

    def test_there_are_as_many_entries_as_asked_for(self, generated: list[Generated]) -> None:
        assert len(generated) == COUNT
        assert len(list(generate(3))) == 3

    def test_no_two_are_the_same(self, generated: list[Generated]) -> None:
        assert len({entry.external_id for entry in generated}) == COUNT
        assert len({(entry.text.question, entry.text.region) for entry in generated}) == COUNT
        assert len({entry.text.answer for entry in generated}) == COUNT

    def test_a_region_names_itself_in_every_phrasing_and_in_the_answer(
        self, generated: list[Generated]
    ) -> None:
        local = generated[len(samples()) :]
        assert {entry.text.region for entry in local} == set(regions_for(COUNT))
        for entry in local:
            place = region.name(entry.text.region)
            assert entry.text.region in region.names()
            assert all(place in phrasing for phrasing in entry.text.phrasings())
            assert place in entry.text.answer

    def test_every_phrasing_can_be_stored(self, generated: list[Generated]) -> None:
        assert max(len(p) for entry in generated for p in entry.text.phrasings()) <= MAX_QUESTION

    def test_the_same_size_gives_the_same_entries_and_a_larger_one_begins_alike(
        self, generated: list[Generated]
    ) -> None:
        assert list(generate(COUNT)) == generated
        assert list(generate(COUNT + 100))[:COUNT] == generated

    def test_published_entries_are_numbered_from_one(self) -> None:
        assert [entry.id for entry in published(3)] == [1, 2, 3]

    def test_100_000_entries_are_those_of_300_regions(self) -> None:
        assert len(regions_for(100_000)) == 300


def test_perturbed_vectors_are_of_unit_length_and_stay_near_the_samples_own(
    generated: list[Generated],
) -> None:
    chosen = generated[:5] + generated[-5:]
    seen = [text for entry in chosen for text in encoded(samples()[entry.origin])]
    drawn = np.random.default_rng(0).standard_normal((len(seen), 384)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    tokens = [np.eye(TOKEN_DIMENSION, dtype=np.float32)[: 1 + number % 7] for number in range(len(seen))]
    own = {text: Encoding(*each) for text, *each in zip(seen, drawn, tokens, strict=True)}
    encoder = PerturbedEncoder("some", own, chosen)
    for entry in chosen:
        texts = encoded(entry.text)
        origins = [own[text] for text in encoded(samples()[entry.origin])]
        vectors, of_tokens = encoder.encode_with_tokens(texts)
        assert all(map(np.array_equal, of_tokens, (origin.tokens for origin in origins)))
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
        cosines = (vectors * np.stack([origin.vector for origin in origins])).sum(axis=1)
        if entry.text.region:
            assert ((cosines > 0.9) & (cosines < 0.999)).all()
        else:
            assert cosines == pytest.approx(1.0, abs=1e-5)
    assert encoder.all().shape == (sum(len(entry.text.phrasings()) for entry in chosen), 384)


class TestMeasuring:
    def test_quantiles_are_in_milliseconds(self) -> None:
        taken = timing([0.001, 0.002, 0.003])
        assert taken.count == 3
        assert taken.p50_ms == pytest.approx(2.0)
        assert taken.p99_ms == pytest.approx(2.98)

    def test_every_argument_is_called_once(self) -> None:
        called: list[int] = []
        assert timed(called.append, [1, 2, 3]).count == 3
        assert called == [1, 2, 3]

    def test_the_machine_is_told_with_its_libraries(self) -> None:
        assert {"processor", "cores", "memory", "load", "python", "tantivy", "faiss-cpu"} <= machine().keys()

    def test_a_process_holds_some_memory(self) -> None:
        assert resident_mb(os.getpid()) > 1

    @pytest.mark.parametrize(
        ("value", "at_least", "met"), [(2, False, True), (4, False, False), (4, True, True)]
    )
    def test_a_target_is_met_on_its_side_of_the_bound(self, value: float, at_least: bool, met: bool) -> None:
        target = Target("something", value, 3, "ms", at_least)
        assert target.met is met
        assert str(target).startswith("pass" if met else "MISS")


QUICK = Timing(10, 1.0, 2.0, 1.0, 2.0)
SLOW = Timing(10, 100.0, 3000.0, 0.0, 0.0)


class TestTargets:
    def figures(self) -> bench.Figures:
        full = bench.SizeFigures(
            100_000,
            search=SearchFigures(QUICK, QUICK, 1.0, 1.0, 460_000),
            baselines=Baselines(rank_bm25=SLOW, fts5=SLOW, flat_faiss=SLOW),
            typing=Typing(QUICK, QUICK, QUICK, QUICK, 100.0),
            server=ServerFigures(2.0, 1100.0, QUICK, QUICK, QUICK, QUICK),
        )
        asking = Asking(QUICK, Throughput(200.0, QUICK), Throughput(900.0, QUICK))
        tenth = replace(full, entries=10_000, asking=asking)
        return bench.Figures({}, {10_000: tenth, 100_000: full}, asking, QUICK)

    def test_all_of_them_are_judged(self) -> None:
        judged = list(bench.targets(self.figures()))
        assert len(judged) == 23
        assert all(target.met for target in judged)

    def test_a_slow_search_misses_its_targets(self) -> None:
        figures = self.figures()
        figures.sizes[100_000].search = SearchFigures(SLOW, QUICK, 1.0, 1.0, 460_000)
        missed = [target.what for target in bench.targets(figures) if not target.met]
        assert len(missed) == 3
        assert all("from a region" in what for what in missed)

    def test_what_was_not_measured_is_not_judged(self) -> None:
        assert list(bench.targets(bench.Figures({}))) == []


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def base(data: Path) -> Base:
    encoder = open_encoder("bundled")
    return prepare(data, TINY, encoder, sample_encodings(data, encoder, TINY))


@pytest.mark.slow
class TestATinyRun:
    def test_prints_every_figure(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        given = ["--sizes", str(TINY), "--parts", "search,baselines,server", "--questions", "3"]
        bench.main([*given, "--data", str(data), "--json"])
        found = json.loads(capsys.readouterr().out)
        assert found["machine"]["cores"]
        size = found["sizes"][str(TINY)]
        assert size["search"]["everywhere"]["count"] == 3
        assert size["search"]["recall_everywhere"] == 1.0
        assert set(size["baselines"]) == {"rank_bm25", "fts5", "flat_faiss"}
        assert size["server"]["memory_mb"] > 1
        assert size["server"]["publish_there"]["count"] == size["server"]["withdraw_there"]["count"] == 10
        bench.main([*given[:3], "search,baselines", "--questions", "3", "--data", str(data)])
        printed = capsys.readouterr().out
        for label in (
            "processor",
            f"{TINY} entries",
            "search from a region",
            "recall@10",
            "rank_bm25",
            "targets",
        ):
            assert label in printed

    def test_questions_asked_over_http_are_timed(self, base: Base) -> None:
        with serving(base.settings) as (server, _):
            assert measure_ask(server, ["生育津贴怎么领", "今天天气好吗"]).count == 2

    def test_a_base_has_vectors_of_its_answers(self, base: Base) -> None:
        (stored,) = base.settings.index_folder.glob("snapshots/*/answers.npy")
        assert np.load(stored).shape == (TINY, 384)

    def test_a_base_has_the_tokens_of_its_entries(self, base: Base) -> None:
        (stored,) = base.settings.index_folder.glob("snapshots/*/tokens.npy")
        assert {row for row, begin, end in np.load(stored) if begin < end} == set(range(TINY))

    def test_what_is_encoded_once_comes_with_its_tokens(self, data: Path) -> None:
        encoder, text = open_encoder("bundled"), "生育津贴怎么领"
        for _ in range(2):
            vector, tokens = cached_encodings(data, encoder, [text])[text]
            assert np.allclose(vector, encoder.encode_questions([text])[0], atol=1e-3)
            assert tokens.shape[0] > 2
            assert np.allclose(np.linalg.norm(tokens, axis=1), 1.0, atol=1e-5)

    def test_a_base_is_made_once(self, data: Path, base: Base) -> None:
        encoder = open_encoder("bundled")
        again = prepare(data, TINY, encoder, sample_encodings(data, encoder, TINY))
        assert (again.store_seconds, again.index_seconds) == (None, None)
        assert again.settings.data == base.settings.data
        assert set(cached_encodings(data, encoder, [])) == set()


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["--parts", "searching"])
    assert "searching" in capsys.readouterr().err
