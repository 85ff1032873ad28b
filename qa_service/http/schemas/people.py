"""Sessions, members, departments, keys and working days."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledge.entry import Channel
from knowledge.people import Department, Member, Role
from knowledge.store import ApiKey
from qa_service.accounts import MIN_PASSWORD
from qa_service.http.schemas.bounded import INTEGER, Boolean, Line, Request, RequiredLine, Storable, texts

Login = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$"), Storable]
NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD, max_length=200), Storable]
_MEMBER: JsonDict = {
    "login": "benefits.editor",
    "name": "张伟",
    "department": "benefits",
    "roles": ["editor"],
    "role_labels": ["编辑"],
    "active": True,
}


class SignInRequest(Request):
    """账号和口令。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "benefits.editor", "password": "ab2c-de3f-gh4j"}]}
    )

    login: Annotated[str, texts(64), Storable] = Field(description="账号。")
    password: Annotated[str, texts(200), Storable] = Field(description="口令。")


class MemberOut(BaseModel):
    """工作人员。"""

    model_config = ConfigDict(json_schema_extra={"examples": [_MEMBER]})

    login: str = Field(description="账号。")
    name: str = Field(description="姓名。")
    department: str = Field(description="处室的代码。")
    roles: list[Role] = Field(description="角色。")
    role_labels: list[str] = Field(description="角色，供人阅读。")
    active: bool = Field(description="是否在用。")


class SessionOut(BaseModel):
    """会话。"""

    token: str = Field(description="会话令牌，作为 Authorization: Bearer 使用。")
    expires_at: datetime = Field(description="到何时为止有效。")
    member: MemberOut


class MemberChange(Request):
    """姓名、处室、角色、是否在用。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "张伟", "department": "benefits", "roles": ["editor", "reviewer"], "active": True}
            ]
        }
    )

    name: RequiredLine = Field(description="姓名。")
    department: RequiredLine = Field(description="处室的代码。")
    roles: list[Role] = Field(max_length=10, description="角色。")
    active: Boolean = Field(True, description="false 即停用，登录随即失效。")


class NewMember(MemberChange):
    """新人员。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"login": "benefits.editor", "name": "张伟", "department": "benefits", "roles": ["editor"]}
            ]
        }
    )

    login: Login = Field(description="账号：小写字母、数字和 . _ -，以字母或数字开头。")


class MemberList(BaseModel):
    """人员。"""

    items: list[MemberOut] = Field(description="按处室、账号排列。")


class AddedMember(BaseModel):
    """新人员和初始口令。"""

    member: MemberOut
    password: str = Field(description="初始口令，只显示这一次。", examples=["ab2c-de3f-gh4j"])


class PasswordOut(BaseModel):
    """新口令。"""

    password: str = Field(
        description="新口令，只显示这一次；此人的登录全部失效。", examples=["ab2c-de3f-gh4j"]
    )


class OwnPassword(Request):
    """修改自己的口令。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "ab2c-de3f-gh4j", "password": "kx7m-2pqr-9wsz"}]}
    )

    current: Annotated[str, texts(200), Storable] = Field(description="原口令。")
    password: NewPassword = Field(description="新口令。")


class DepartmentOut(BaseModel):
    """处室。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "benefits", "name": "待遇保障处", "is_office": False, "duties": "医疗、生育待遇"}
            ]
        }
    )

    code: str = Field(description="代码。")
    name: str = Field(description="名称。")
    is_office: bool = Field(description="是否办公室；归属不明的问题由办公室分办。")
    duties: str = Field(description="职责。")


class DepartmentList(BaseModel):
    """处室。"""

    items: list[DepartmentOut] = Field(description="处室，办公室在最后。")


class NewKey(Request):
    """新密钥。"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "官网", "channel": "website", "public": True}]}
    )

    name: RequiredLine = Field(description="用途。")
    channel: Channel = Field(Channel.API, description="渠道；公钥一律为 website。")
    public: Boolean = Field(
        False, description="true：网页公钥，可写在网页里，只能提问、联想、反馈、登记和查询。"
    )
    per_minute: Annotated[int, Field(ge=1, le=100_000), INTEGER] = Field(
        600, description="每分钟最多请求次数。"
    )


class KeyOut(BaseModel):
    """密钥；只显示前几位。"""

    id: int = Field(description="编号。")
    name: str = Field(description="用途。")
    prefix: str = Field(description="前几位。", examples=["zsk_Ab3dE9"])
    channel: Channel = Field(description="渠道。")
    public: bool = Field(description="是否网页公钥。")
    per_minute: int = Field(description="每分钟最多请求次数；公钥按来访地址另计。")
    created_at: datetime | None = Field(description="生成时间。")
    revoked_at: datetime | None = Field(description="吊销时间。")


class KeyList(BaseModel):
    """密钥。"""

    items: list[KeyOut] = Field(description="最早的在前，含已吊销的。")


class AddedKey(KeyOut):
    """新密钥，连同全文。"""

    key: str = Field(description="密钥全文，只显示这一次。")


class DaySetting(Request):
    """这一天是否上班。"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"working": False, "note": "春节"}]})

    working: Boolean = Field(description="是否上班。")
    note: Line = Field("", description="说明。")


class DayOut(BaseModel):
    """与平常不同的一天。"""

    day: date = Field(description="日期。")
    working: bool = Field(description="是否上班。")
    source: Literal["set", "national"] = Field(description="set 本单位设定，national 国务院放假安排。")


class DayList(BaseModel):
    """与周一至周五上班不同的日子。"""

    items: list[DayOut] = Field(description="按日期排列。")


def member_out(member: Member) -> MemberOut:
    """A member."""
    roles = [role for role in Role if role in member.roles]
    return MemberOut(
        login=member.login,
        name=member.name,
        department=member.department,
        roles=roles,
        role_labels=[role.label for role in roles],
        active=member.active,
    )


def department_out(department: Department) -> DepartmentOut:
    """A department."""
    return DepartmentOut.model_validate(vars(department))


def key_fields(key: ApiKey) -> dict[str, object]:
    """The fields of KeyOut."""
    return {name: getattr(key, name) for name in KeyOut.model_fields}
