"""Words over the API."""

from knowledge.people import Role
from tests import cast
from tests.qa_service.http.calling import JSON, Service

FEE = {"kind": "synonym", "text": "坎儿钱", "formal": "起付标准"}
PATH = "/api/v1/words"


def _added(service: Service, **word: object) -> JSON:
    answer = service.by(cast.ADMIN).post(PATH, json={**FEE, **word})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_word_is_added_changed_and_its_history_told(service: Service) -> None:
    word = _added(service)
    assert (word["active"], word["bundled"], word["changed_by"], word["version"]) == (True, False, "admin", 1)
    path = f"{PATH}/{word['id']}"
    changed = service.by(cast.PUBLISHER).put(path, json={"active": False, "version": 1})
    assert (changed.status_code, changed.json()["active"], changed.json()["version"]) == (200, False, 2)
    history = service.by(cast.OPERATOR).get(path).json()
    assert history["word"] == changed.json()
    assert [(each["active"], each["changed_by"]) for each in history["revisions"]] == [
        (True, "admin"),
        (False, "publisher"),
    ]


def test_words_are_listed_by_kind_text_use_and_origin(service: Service) -> None:
    _added(service)
    client = service.by(cast.EDITOR)
    found = client.get(PATH, params={"kind": "synonym", "text": "起付", "bundled": False}).json()
    assert [(word["text"], word["formal"]) for word in found["items"]] == [("坎儿钱", "起付标准")]
    everything = client.get(PATH, params={"kind": "synonym", "limit": 1}).json()
    assert everything["total"] > 400
    assert everything["items"][0]["text"] == "坎儿钱"
    bundled = client.get(PATH, params={"kind": "stop_phrase", "text": "我想咨询一下"}).json()["items"][0]
    assert (bundled["id"], bundled["bundled"], bundled["active"]) == (None, True, True)


def test_a_bundled_word_is_switched_off_by_an_inactive_one(service: Service) -> None:
    off = _added(service, text="门槛费", active=False)
    assert (off["bundled"], off["active"]) == (True, False)
    listed = service.by(cast.ADMIN).get(PATH, params={"text": "门槛费"}).json()["items"]
    assert listed == [off]


def test_only_publishers_and_administrators_change_words(service: Service) -> None:
    word = _added(service)
    for member in cast.MEMBERS:
        may = member.has(Role.PUBLISHER, Role.ADMINISTRATOR)
        client = service.by(member)
        added = client.post(PATH, json={"kind": "term", "text": f"西湖益联保{member.login}"})
        assert added.status_code == (201 if may else 403)
        changed = client.put(f"{PATH}/{word['id']}", json={"version": 99, "active": False})
        assert changed.status_code == (409 if may else 403)
        assert client.get(PATH).status_code == 200


def test_what_cannot_be_used_is_a_problem(service: Service) -> None:
    _added(service)
    client = service.by(cast.ADMIN)

    def refused(**word: object) -> tuple[int, str]:
        answer = client.post(PATH, json={**FEE, **word})
        return answer.status_code, answer.json()["code"]

    assert refused() == (409, "conflict")
    assert refused(text="起付标准", formal="坎儿钱") == (422, "circular-synonym")
    assert refused(text="甲、乙") == (422, "invalid-value")
    assert refused(kind="term") == (422, "invalid-value")
    assert client.get(f"{PATH}/77").status_code == 404
    assert client.put(f"{PATH}/77", json={"version": 1, "active": True}).status_code == 404
