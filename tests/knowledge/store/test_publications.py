"""What is on the air, and the stream of changes to it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Executable

from knowledge.entry import PublishedEntry
from knowledge.policy import Citation, PolicyDocument, Validity
from knowledge.store import Store
from knowledge.store.engine import connect
from knowledge.store.publications import CURRENT_OF
from tests.knowledge.making import (
    NOON,
    TODAY,
    a_document,
    a_published_entry,
    a_text,
    an_entry,
    revised,
    withdrawn,
)

NUMBER = "国办发〔2021〕14号"


class TestTheStream:
    def test_publishing_and_withdrawing_are_numbered_one_by_one(self, store: Store) -> None:
        with store.writing(by="system") as records:
            first = records.entries.add(a_published_entry("A-1"))
            second = records.entries.add(a_published_entry("A-2"))
        with store.writing(by="system") as records:
            records.entries.save(withdrawn(first), "entry.withdrawn")
        assert store.publication_seq() == 3
        with store.reading() as records:
            assert records.publications.seq() == 3
            assert records.publications.changed_since(0) == {first.id: 3, second.id: 2}
            assert records.publications.changed_since(2) == {first.id: 3}
            assert records.publications.changed_since(3) == {}

    def test_a_further_published_revision_is_a_change(self, store: Store) -> None:
        with store.writing(by="system") as records:
            entry = records.entries.add(a_published_entry())
        with store.writing(by="system") as records:
            records.entries.save(replace(revised(entry, "新问法"), published_revision=2), "entry.published")
        assert store.publication_seq() == 2

    def test_drafts_and_edits_are_not_in_it(self, store: Store) -> None:
        with store.writing(by="system") as records:
            records.entries.add(an_entry("A-1"))
            published = records.entries.add(a_published_entry("A-2"))
        with store.writing(by="system") as records:
            records.entries.save(revised(published, "新问法"), "entry.edited")
        assert store.publication_seq() == 1

    def test_the_transaction_that_publishes_sees_its_own_change(self, store: Store) -> None:
        with store.writing(by="system") as records:
            entry = records.entries.add(a_published_entry())
            assert records.publications.seq() == 1
            assert records.publications.changed_since(0) == {entry.id: 1}
        assert store.publication_seq() == 1

    def test_a_rolled_back_publication_leaves_no_gap(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.writing(by="system") as records:
            raise ZeroDivisionError(records.entries.add(a_published_entry()), records.publications.seq())
        assert store.publication_seq() == 0
        with store.writing(by="system") as records:
            records.entries.add(a_published_entry())
        assert store.publication_seq() == 1

    def test_a_follower_misses_nothing_while_many_publish(self, store: Store) -> None:
        """At any time, the numbers handed out are exactly those of the changes that can be read."""
        done = threading.Event()
        seen: dict[int, int] = {}

        def publish(writer: int) -> None:
            for number in range(12):
                with store.writing(by="system") as records:
                    records.entries.add(a_published_entry(f"{writer}-{number}"))
                    records.entries.add(a_published_entry(f"{writer}-{number}-more"))

        def follow() -> None:
            position = 0
            while not (done.is_set() and position == store.publication_seq()):
                with store.reading() as records:
                    changed = records.publications.changed_since(position)
                    assert sorted(changed.values()) == list(
                        range(position + 1, records.publications.seq() + 1)
                    )
                seen.update(changed)
                position = max(changed.values(), default=position)

        with ThreadPoolExecutor(5) as pool:
            follower = pool.submit(follow)
            for writer in [pool.submit(publish, writer) for writer in range(4)]:
                writer.result()
            done.set()
            follower.result()
        assert sorted(seen.values()) == list(range(1, 97))


class TestDocumentsInTheStream:
    @pytest.mark.parametrize(
        "change", [{"validity": Validity.REPEALED}, {"valid_until": TODAY}, {"number": ""}]
    )
    def test_a_changed_validity_names_the_published_entries_that_cite_it(
        self, store: Store, change: dict[str, object]
    ) -> None:
        with store.writing(by="system") as records:
            document = records.policies.add(a_document(NUMBER))
            citing, _, _ = records.entries.add_many(
                [a_published_entry("A-1", NUMBER), an_entry("A-2", NUMBER), a_published_entry("A-3")]
            )
        with store.writing(by="system") as records:
            records.policies.save(replace(document, **change), "policy.validity")  # type: ignore[arg-type]
        with store.reading() as records:
            assert records.publications.changed_since(2) == {citing.id: 3}

    def test_other_changes_of_a_document_are_not_in_it(self, store: Store) -> None:
        with store.writing(by="system") as records:
            document = records.policies.add(a_document(NUMBER))
            records.entries.add(a_published_entry("A-1", NUMBER))
        with store.writing(by="system") as records:
            records.policies.save(replace(document, topic="门诊"), "policy.edited")
        assert store.publication_seq() == 1

    def test_registering_a_lapsed_document_is_a_change_for_what_already_cites_it(self, store: Store) -> None:
        with store.writing(by="system") as records:
            records.entries.add(a_published_entry("A-1", NUMBER))
        with store.writing(by="system") as records:
            records.policies.add_many([a_document(NUMBER, validity=Validity.REPEALED)])
        assert store.publication_seq() == 2

    def test_citing_by_title_counts_where_there_is_no_number(self, store: Store) -> None:
        titled = a_text(citations=(Citation("", "《中华人民共和国社会保险法》"),))
        with store.writing(by="system") as records:
            law = records.policies.add(a_document("", title="社会保险法"))
            records.entries.add(a_published_entry(text=titled))
        with store.writing(by="system") as records:
            records.policies.save(replace(law, validity=Validity.EXPIRED), "policy.validity")
        assert store.publication_seq() == 2

    def test_publishing_under_a_document_that_is_being_repealed_is_never_lost(self, store: Store) -> None:
        """Whichever commits first, a follower that read everything has been told of the entry last."""
        with store.writing(by="system") as records:
            document = records.policies.add(a_document(NUMBER))
        for round_ in range(10):
            flag = Validity.REPEALED if round_ % 2 == 0 else Validity.IN_FORCE
            ready = threading.Barrier(2)

            def publish(round_: int = round_, ready: threading.Barrier = ready) -> None:
                ready.wait()
                with store.writing(by="system") as records:
                    records.entries.add(a_published_entry(f"A-{round_}", NUMBER))

            def repeal(flag: Validity = flag, ready: threading.Barrier = ready) -> None:
                ready.wait()
                with store.writing(by="system") as records:
                    stored = records.policies.get(document.id)
                    records.policies.save(replace(stored, validity=flag), "policy.validity")

            before = store.publication_seq()
            with ThreadPoolExecutor(2) as pool:
                for task in [pool.submit(publish), pool.submit(repeal)]:
                    task.result()
            # All older entries are named by the document; the new one by itself, and once more if it came first.
            assert store.publication_seq() - before in (round_ + 1, round_ + 2)


class TestCurrent:
    def test_it_is_the_published_revision_and_nothing_else(self, store: Store) -> None:
        with store.writing(by="system") as records:
            draft = records.entries.add(an_entry("A-1"))
            published = records.entries.add(a_published_entry("A-2"))
            records.entries.save(revised(published, "未审的新问法"), "entry.edited")
            off = records.entries.save(
                withdrawn(records.entries.add(a_published_entry("A-3"))), "entry.withdrawn"
            )
            found = records.publications.current([draft.id, published.id, off.id, 99], TODAY)
        assert found == {published.id: PublishedEntry(published.id, "A-2", 1, published.text, NOON)}

    def test_effective_dates_are_not_looked_at(self, store: Store) -> None:
        with store.writing(by="system") as records:
            entry = records.entries.add(a_published_entry(text=a_text(effective_until=date(2020, 1, 1))))
            assert entry.id in records.publications.current([entry.id], TODAY)

    @pytest.mark.parametrize(
        ("document", "served"),
        [
            (a_document(NUMBER), True),
            (a_document("国办发（2021）14号", validity=Validity.REPEALED), False),
            (a_document(NUMBER, validity=Validity.EXPIRED), False),
            (a_document(NUMBER, validity=Validity.AMENDED), True),
            (a_document(NUMBER, valid_until=TODAY), True),
            (a_document(NUMBER, valid_until=TODAY - timedelta(days=1)), False),
            (a_document("国办发〔2021〕15号", validity=Validity.REPEALED), True),
            (a_document("", validity=Validity.REPEALED), True),
        ],
    )
    def test_it_rests_on_no_lapsed_document_by_number(
        self, store: Store, document: PolicyDocument, served: bool
    ) -> None:
        with store.writing(by="system") as records:
            records.policies.add(document)
            entry = records.entries.add(a_published_entry("A-1", "医保发〔2022〕8号", "国办发[2021]14号"))
            assert (entry.id in records.publications.current([entry.id], TODAY)) is served
            assert (entry.id in {each.id for each in records.publications.all_current(TODAY)}) is served

    @pytest.mark.parametrize(
        ("citation", "served"),
        [
            (Citation("", "社会保险法", "第二条"), False),
            (Citation("", "《中华人民共和国社会保险法》"), False),
            (Citation("主席令第35号", "社会保险法"), True),
            (Citation("", "社会保险经办条例"), True),
            (Citation("", ""), True),
        ],
    )
    def test_it_rests_on_no_lapsed_document_by_title_where_there_is_no_number(
        self, store: Store, citation: Citation, served: bool
    ) -> None:
        with store.writing(by="system") as records:
            records.policies.add(a_document("", title="社会保险法", validity=Validity.REPEALED))
            records.policies.add(a_document("", title="", validity=Validity.REPEALED))
            entry = records.entries.add(a_published_entry(text=a_text(citations=(citation,))))
            assert (entry.id in records.publications.current([entry.id], TODAY)) is served

    def test_citations_of_the_newest_draft_do_not_count(self, store: Store) -> None:
        with store.writing(by="system") as records:
            records.policies.add(a_document(NUMBER, validity=Validity.REPEALED))
            entry = records.entries.add(a_published_entry("A-1"))
            records.entries.save(revised(entry, "新", citations=(Citation(NUMBER),)), "entry.edited")
            assert entry.id in records.publications.current([entry.id], TODAY)

    @settings(
        max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    )
    @given(
        st.sampled_from(Validity),
        st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
        st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
    )
    def test_the_store_and_the_domain_agree_on_what_has_lapsed(
        self, store: Store, validity: Validity, valid_until: date | None, on: date
    ) -> None:
        with store.writing(by="system") as records:
            unused = records.entries.new_external_id("x")
            number = f"医保发〔2022〕{int(unused[2:])}号"
            document = records.policies.add(a_document(number, validity=validity, valid_until=valid_until))
            entry = records.entries.add(a_published_entry(unused, number))
            assert (entry.id in records.publications.current([entry.id], on)) is not document.lapsed(on)

    def test_all_of_it_comes_in_order_and_in_batches(self, store: Store) -> None:
        with store.writing(by="system") as records:
            added = records.entries.add_many([a_published_entry(f"A-{number}") for number in range(25)])
            records.entries.save(withdrawn(added[12]), "entry.withdrawn")
        with store.reading() as records:
            found = [each.external_id for each in records.publications.all_current(TODAY, batch=10)]
            assert records.publications.count() == 24
        assert found == [entry.external_id for entry in added if entry is not added[12]]

    def test_a_question_costs_look_ups_by_key_and_no_scan(self, store: Store, store_url: str) -> None:
        cited = [f"医保发〔2022〕{number % 199 + 1}号" for number in range(5_000)]
        with store.writing(by="system") as records:
            records.policies.add_many(
                [a_document(number, validity=Validity.REPEALED) for number in cited[:199]]
            )
            records.entries.add_many(a_published_entry(f"A-{n}", number) for n, number in enumerate(cited))
        plan = _plan(store_url, CURRENT_OF.params(ids=list(range(1, 5_000, 250)), on=TODAY))
        assert "entries" in plan
        for scan in (
            "SCAN ",
            "Seq Scan on entries",
            "Seq Scan on citations",
            "Seq Scan on revisions",
            "hashed",
        ):
            assert scan not in plan


def _plan(url: str, statement: Executable) -> str:
    """How the database means to run a statement."""
    engine = connect(url)
    options = {"literal_binds": True}
    sql = statement.compile(engine, compile_kwargs=options)  # type: ignore[attr-defined]
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
            rows = connection.exec_driver_sql(f"EXPLAIN {sql}").all()
        else:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    engine.dispose()
    return "\n".join(row[-1] for row in rows)
