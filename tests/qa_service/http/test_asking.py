"""POST /ask, GET /search, GET /suggest, POST /feedback."""

from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge.entry import Channel, EntryText, InsuredGroup
from knowledge.policy import Disclosure
from knowledge.store import AuditFilter
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, JSON, LAW, Service

KNOWN = "生育津贴怎么领取"
UNKNOWN = "火车票改签要收多少手续费"


@pytest.fixture
def stocked(service: Service) -> Service:
    """A service that answers about the allowance, with other matters around it."""
    service.furnish()
    service.register()
    service.publish()
    return service


def written(service: Service) -> tuple[int, int, int]:
    """How many questions, tickets and audit lines there are."""
    with service.application.store.reading() as records:
        asked = sum(records.questions.statistics()["questions"].values())
        return asked, records.tickets.list().total, records.audit.list(AuditFilter()).total


def ask(service: Service, question: str, **more: JSON) -> JSON:
    answered = service.by(cast.OPERATOR).post("/api/v1/ask", json={"question": question, **more})
    assert answered.status_code == 200, answered.text
    return answered.json()


def test_a_known_question_is_answered_verbatim_with_its_citation(stocked: Service) -> None:
    found = ask(stocked, KNOWN)
    assert found["outcome"] == "answered"
    assert found["answer"]["answer"] == ALLOWANCE.answer
    assert found["answer"]["department"] == cast.BENEFITS.name
    assert found["answer"]["citations"] == [
        {"document_number": "国务院令第619号", "document_title": "女职工劳动保护特别规定", "clause": "第八条"}
    ]
    assert found["confidence"] > 0.6
    assert found["choices"] == []
    assert found["ticket"] is None
    assert "生育" in found["matched_terms"]
    assert found["snapshot"]


def test_an_answer_has_exactly_the_fields_that_were_promised(stocked: Service) -> None:
    found = ask(stocked, KNOWN)
    promised = {
        "outcome", "confidence", "answer", "choices", "matched_terms", "ticket", "snapshot", "warning", "took_ms",
        "note", "understood_as", "clarification", "parts", "explanation",
    }  # fmt: skip
    assert set(found) == promised
    entry = {
        "entry_id", "external_id", "question", "answer", "citations", "department", "revision",
        "effective_from", "effective_until",
    }  # fmt: skip
    assert set(found["answer"]) == entry


class TestExplained:
    def test_is_nothing_that_was_not_asked_for(self, stocked: Service) -> None:
        assert ask(stocked, KNOWN)["explanation"] is None

    def test_staff_learn_words_parts_and_thresholds(self, stocked: Service) -> None:
        found = ask(stocked, KNOWN, explain=True)
        why = found["explanation"]
        assert "生育津贴" in [word["matched"] for word in why["words"]]
        assert why["decision"]["confidence"] == found["confidence"]
        assert why["decision"]["snapshot"] == found["snapshot"]
        entry = why["entries"][0]
        assert (entry["entry_id"], entry["revision"]) == (
            found["answer"]["entry_id"],
            found["answer"]["revision"],
        )
        assert sum(part["contribution"] for part in entry["parts"]) == pytest.approx(entry["lead"], abs=0.001)

    def test_a_secret_key_learns_as_much(self, stocked: Service) -> None:
        asked = stocked.by_key().post(
            "/api/v1/ask", json={"question": KNOWN, "explain": True, "record": False}
        )
        assert asked.json()["explanation"]["decision"]["reason"]

    def test_the_key_of_a_web_page_learns_the_matched_words_alone(self, stocked: Service) -> None:
        client = stocked.by_key(public=True)
        why = client.post("/api/v1/ask", json={"question": KNOWN, "explain": True}).json()["explanation"]
        assert why["words"]
        assert (why["decision"], why["entries"]) == (None, [])


def test_an_unknown_question_is_queued_with_a_receipt(stocked: Service) -> None:
    found = ask(stocked, UNKNOWN)
    assert found["outcome"] == "unanswered"
    assert found["answer"] is None
    assert set(found["ticket"]) == {"receipt", "department", "due_on", "joined"}
    assert found["ticket"]["joined"] is False


class TestUnsure:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Nothing is ever sure enough, and nothing too unlikely to be offered."""
        return settings.model_copy(update={"answer_threshold": 1.0, "choices_threshold": 0.0, "choices": 3})

    def test_a_question_is_offered_choices(self, stocked: Service) -> None:
        found = ask(stocked, "医保怎么办理", record=False)
        assert (found["outcome"], found["answer"], found["ticket"]) == ("choices", None, None)
        assert len(found["choices"]) == 3
        promised = {"entry_id", "external_id", "question", "confidence", "doubted"}
        assert set(found["choices"][0]) == promised
        confidences = [choice["confidence"] for choice in found["choices"]]
        assert confidences == sorted(confidences, reverse=True)


class TestInASession:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Whatever comes first answers."""
        return settings.model_copy(update={"answer_threshold": 0.0, "choices_threshold": 0.0})

    def test_a_follow_up_is_understood_and_says_how(self, stocked: Service) -> None:
        for group in (InsuredGroup.EMPLOYEE, InsuredGroup.RESIDENT):
            question = f"{group.label}医保住院费用的报销比例是多少？"
            stocked.publish(replace(ALLOWANCE, question=question, variants=(), insured_group=group))
        ask(stocked, "职工医保住院费用的报销比例是多少", session="s1")
        found = ask(stocked, "那居民的呢", session="s1")
        assert "居民" in found["understood_as"]
        assert found["answer"]["question"] == "居民医保住院费用的报销比例是多少？"

    def test_what_was_not_said_is_asked_back(self, stocked: Service) -> None:
        for group in (InsuredGroup.EMPLOYEE, InsuredGroup.RESIDENT):
            question = f"{group.label}医保住院费用的报销比例是多少？"
            stocked.publish(replace(ALLOWANCE, question=question, variants=(), insured_group=group))
        found = ask(stocked, "住院费用的报销比例", session="s1")
        assert found["outcome"] == "choices"
        assert found["clarification"]["about"] == "insured_group"
        values = {option["value"] for option in found["clarification"]["options"]}
        assert values == {"employee", "resident"}
        answered = ask(stocked, "resident", session="s1")
        assert answered["answer"]["question"] == "居民医保住院费用的报销比例是多少？"

    def test_two_questions_in_one_breath_have_a_part_each(self, stocked: Service) -> None:
        found = ask(stocked, "异地就医怎么备案？发现骗保怎么举报？")
        assert [part["question"] for part in found["parts"]] == ["异地就医怎么备案", "发现骗保怎么举报"]
        assert found["answer"] == found["parts"][0]["answer"]


def test_nothing_at_all_is_written_when_the_question_is_not_to_be_recorded(stocked: Service) -> None:
    client = stocked.by(cast.OPERATOR)
    before = written(stocked)
    for question in (KNOWN, UNKNOWN):
        found = client.post("/api/v1/ask", json={"question": question, "record": False}).json()
        assert found["ticket"] is None
    assert written(stocked) == before


def test_a_recorded_question_is_logged_masked(stocked: Service) -> None:
    ask(stocked, f"我的电话13812345678，{UNKNOWN}", session="s-1")
    with stocked.application.store.reading() as records:
        (ticket,) = records.tickets.list().items
        (occurrence,) = records.tickets.occurrences(ticket.id)
    assert "13812345678" not in ticket.question + occurrence.question
    assert "【电话】" in occurrence.question
    assert (occurrence.session, occurrence.asked_by) == ("s-1", cast.OPERATOR.login)


@pytest.mark.parametrize("region", ["杭州市", "330100", "浙江省杭州市", "330106"])
def test_a_region_is_taken_by_name_and_by_code(service: Service, region: str) -> None:
    service.publish(replace(ALLOWANCE, region="330100"))
    assert ask(service, KNOWN, region=region, record=False)["answer"] is not None
    assert ask(service, KNOWN, region="武汉", record=False)["answer"] is None


def test_a_region_that_does_not_exist_is_refused(stocked: Service) -> None:
    refused = stocked.by(cast.OPERATOR).post("/api/v1/ask", json={"question": KNOWN, "region": "亚特兰蒂斯"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/region"


def test_an_insured_group_sees_its_own_entries(service: Service) -> None:
    service.publish(replace(ALLOWANCE, insured_group=InsuredGroup.EMPLOYEE))
    assert ask(service, KNOWN, insured_group="employee", record=False)["answer"] is not None
    assert ask(service, KNOWN, insured_group="resident", record=False)["answer"] is None


def test_what_is_not_effective_yet_is_not_answered(service: Service) -> None:
    service.publish(replace(ALLOWANCE, effective_from=service.day(after=3)))
    assert ask(service, KNOWN, record=False)["answer"] is None
    service.clock.advance(days=3)
    assert ask(service, KNOWN, record=False)["answer"] is not None


@pytest.mark.parametrize("question", ["", "   ", "\x00\x00", "长" * 501])
def test_a_question_that_is_empty_or_too_long_is_refused(stocked: Service, question: str) -> None:
    refused = stocked.by(cast.OPERATOR).post("/api/v1/ask", json={"question": question})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/question"


def test_odd_characters_and_numbers_are_no_server_error(stocked: Service) -> None:
    client = stocked.by(cast.OPERATOR)
    headers = {"Content-Type": "application/json"}
    bodies = [
        b'{"question": "\\ud800"}',
        b'{"question": "a\\u0000b", "record": false}',
        b'{"question": "\\ud83d\\ude00", "record": false}',
        b'{"question": "x", "entry": ' + b"9" * 5000 + b"}",
        b'{"question": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"\xff\xfe\x00",
        b"",
        b"null",
        b"[1]",
    ]
    for body in bodies:
        assert client.post("/api/v1/ask", content=body, headers=headers).status_code in (200, 400, 422), body


def test_search_lists_hits_with_scores_and_reasons(stocked: Service) -> None:
    found = stocked.by(cast.OPERATOR).get("/api/v1/search", params={"q": "生育津贴 申领", "limit": 3}).json()
    first = found["hits"][0]
    assert first["entry"]["question"] == ALLOWANCE.question
    assert "津贴" in first["matched_terms"]
    assert first["lexical"]["rank"] == 1
    assert len(found["hits"]) <= 3
    confidences = [hit["confidence"] for hit in found["hits"]]
    assert confidences == sorted(confidences, reverse=True)


def test_search_records_nothing(stocked: Service) -> None:
    client = stocked.by(cast.OPERATOR)
    before = written(stocked)
    assert client.get("/api/v1/search", params={"q": UNKNOWN}).status_code == 200
    assert written(stocked) == before


def test_suggestions_begin_so_or_contain_it(stocked: Service) -> None:
    client = stocked.by(cast.OPERATOR)
    for typed in ("职工生育", "津贴", "生育津貼", "ＳＨＥＮＧ", "ＸＹＺ"):
        found = client.get("/api/v1/suggest", params={"q": typed}).json()["suggestions"]
        assert ([each["question"] for each in found] == [ALLOWANCE.question]) is (typed != "ＸＹＺ"), typed


def test_suggestions_follow_publishing_and_withdrawing(stocked: Service) -> None:
    client = stocked.by(cast.OPERATOR)
    twins = replace(ALLOWANCE, question="双胞胎的生育津贴多发吗？", variants=())
    assert client.get("/api/v1/suggest", params={"q": "双胞胎"}).json()["suggestions"] == []
    entry = stocked.publish(twins)
    assert len(client.get("/api/v1/suggest", params={"q": "双胞胎"}).json()["suggestions"]) == 1
    stocked.application.publishing.withdraw(entry.id, entry.version, cast.PUBLISHER, "重复")
    stocked.index()
    assert client.get("/api/v1/suggest", params={"q": "双胞胎"}).json()["suggestions"] == []


def test_the_public_is_suggested_public_entries_only(service: Service) -> None:
    service.publish(replace(ALLOWANCE, disclosure=Disclosure.ON_REQUEST))
    public = service.by_key(public=True)
    assert public.get("/api/v1/suggest", params={"q": "生育"}).json()["suggestions"] == []
    assert (
        len(service.by(cast.OPERATOR).get("/api/v1/suggest", params={"q": "生育"}).json()["suggestions"]) == 1
    )


def test_feedback_is_kept_masked(stocked: Service) -> None:
    given = {"question": KNOWN, "entry_id": 1, "helpful": False, "comment": "请回电 13812345678"}
    assert stocked.by(cast.OPERATOR).post("/api/v1/feedback", json=given).json() == {"received": True}
    with stocked.application.store.reading() as records:
        (kept,) = records.questions.feedback()
    assert (kept.comment, kept.helpful, kept.channel) == ("请回电 【电话】", False, Channel.HOTLINE)


def test_feedback_on_an_entry_that_does_not_exist_is_refused(stocked: Service) -> None:
    given = {"question": KNOWN, "entry_id": 999, "helpful": True}
    assert stocked.by(cast.OPERATOR).post("/api/v1/feedback", json=given).status_code == 404


def test_an_expired_document_is_not_answered_from(service: Service) -> None:
    service.register(replace(LAW, valid_until=service.day(after=2)))
    service.publish()
    assert ask(service, KNOWN, record=False)["answer"] is not None
    service.clock.now += timedelta(days=3)
    assert ask(service, KNOWN, record=False)["answer"] is None


def test_asking_needs_proof_of_who_asks(stocked: Service) -> None:
    body = {"question": KNOWN}
    assert stocked.anonymous.post("/api/v1/ask", json=body).status_code == 401
    assert stocked.anonymous.get("/api/v1/search", params={"q": "a"}).status_code == 401
    assert stocked.anonymous.get("/api/v1/suggest", params={"q": "a"}).status_code == 401
    assert stocked.anonymous.post("/api/v1/feedback", json={**body, "helpful": True}).status_code == 401


def test_entries_for_another_channel_are_not_answered(service: Service) -> None:
    text: EntryText = replace(ALLOWANCE, channels=(Channel.HOTLINE,))
    service.publish(text)
    assert ask(service, KNOWN, channel="hotline", record=False)["answer"] is not None
    assert ask(service, KNOWN, channel="website", record=False)["answer"] is None
