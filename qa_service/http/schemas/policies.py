"""Policy documents."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge.document_number import canonical
from knowledge.policy import Disclosure, PolicyDocument, Validity
from qa_service.http.schemas.bounded import Day, Line, Listing, LongText, Note, Request, RequiredLine, Version

_DOCUMENT: JsonDict = {
    "title": "女职工劳动保护特别规定",
    "number": "国务院令第619号",
    "issuer": "国务院",
    "co_issuers": [],
    "index_number": "",
    "topic": "生育保险",
    "signed_on": "2012-04-28",
    "published_on": "2012-04-28",
    "effective_from": "2012-04-28",
    "valid_until": None,
    "validity": "IN_FORCE",
    "amends": [],
    "repeals": [],
    "disclosure": "ON_INITIATIVE",
    "text": "",
    "source": "",
}


class PolicyIn(Request):
    """政策文件的登记内容。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_DOCUMENT]})

    title: RequiredLine = Field(description="文件名。")
    number: Line = Field("", description="文号，各种括号和数字写法均可；没有则为空。")
    issuer: Line = Field("", description="发文机关。")
    co_issuers: list[RequiredLine] = Field([], max_length=30, description="联合发文机关。")
    index_number: Line = Field("", description="索引号。")
    topic: Line = Field("", description="主题分类。")
    signed_on: Day | None = Field(None, description="成文日期。")
    published_on: Day | None = Field(None, description="发布日期。")
    effective_from: Day | None = Field(None, description="施行日期。")
    valid_until: Day | None = Field(None, description="有效期的最后一天。")
    validity: Validity = Field(
        Validity.IN_FORCE,
        description="效力：IN_FORCE 现行有效、AMENDED 已修改、REPEALED 已废止、EXPIRED 已失效。",
    )
    amends: list[RequiredLine] = Field([], max_length=50, description="修改了哪些文件（文号）。")
    repeals: list[RequiredLine] = Field([], max_length=50, description="废止了哪些文件（文号）。")
    disclosure: Disclosure = Field(Disclosure.ON_INITIATIVE, description="公开属性。")
    text: LongText = Field("", description="正文。")
    source: Note = Field("", description="来源，如公布的网址。")

    def document(self, policy_id: int = 0, version: int = 0) -> PolicyDocument:
        """As the domain has it."""
        own = {name: getattr(self, name) for name in PolicyIn.model_fields}
        for name in ("co_issuers", "amends", "repeals"):
            own[name] = tuple(own[name])
        own |= {"title": self.title.strip(), "number": canonical(self.number)}
        return PolicyDocument(**own, id=policy_id, version=version)


class PolicyEdit(PolicyIn):
    """修改后的登记内容。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_DOCUMENT, "validity": "REPEALED", "version": 1, "reason": "被新规废止"}]
        }
    )

    version: Version
    reason: Note = Field("", description="变更效力（validity、valid_until）时必须写明依据。")


class PolicyOut(BaseModel):
    """政策文件。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_DOCUMENT, "id": 3, "version": 1, "validity_label": "现行有效", "lapsed": False}]
        }
    )

    id: int = Field(description="编号。")
    version: int = Field(description="每次变更加一；修改时带上它。")
    title: str = Field(description="文件名。")
    number: str = Field(description="文号，统一写法。")
    issuer: str = Field(description="发文机关。")
    co_issuers: list[str] = Field(description="联合发文机关。")
    index_number: str = Field(description="索引号。")
    topic: str = Field(description="主题分类。")
    signed_on: date | None = Field(description="成文日期。")
    published_on: date | None = Field(description="发布日期。")
    effective_from: date | None = Field(description="施行日期。")
    valid_until: date | None = Field(description="有效期的最后一天。")
    validity: Validity = Field(description="效力。")
    validity_label: str = Field(description="效力，供人阅读。")
    lapsed: bool = Field(description="今天是否已不能据以答复。")
    amends: list[str] = Field(description="修改了哪些文件。")
    repeals: list[str] = Field(description="废止了哪些文件。")
    disclosure: Disclosure = Field(description="公开属性。")
    text: str = Field(description="正文。")
    source: str = Field(description="来源。")


class PolicyPage(Listing):
    """政策文件列表。"""

    items: list[PolicyOut] = Field(description="最近发布的在前。")


def policy_out(document: PolicyDocument, today: date) -> PolicyOut:
    """A document as of today."""
    derived = {"validity_label": document.validity.label, "lapsed": document.lapsed(today)}
    return PolicyOut.model_validate({**vars(document), **derived})
