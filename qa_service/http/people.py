"""Departments and members."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from knowledge.people import Member
from qa_service.composition import Application
from qa_service.http.authentication import Administrator, CurrentMember
from qa_service.http.openapi import api_problems, body_problems
from qa_service.http.parts import App
from qa_service.http.schemas import people as shapes
from qa_service.http.schemas.bounded import Line, Storable
from qa_service.membership import Membership
from qa_service.visibility import sees_every_draft

router = APIRouter(prefix="/api/v1", tags=["管理"])

MemberLogin = Annotated[
    str, Path(max_length=64, description="账号。", examples=["benefits.editor"]), Storable
]


@router.get("/departments", summary="处室", responses=api_problems())
def list_departments(member: CurrentMember, application: App) -> shapes.DepartmentList:
    """全部处室。"""
    with application.store.reading() as records:
        departments = records.people.departments()
    return shapes.DepartmentList(items=[shapes.department_out(department) for department in departments])


@router.get("/members", summary="人员", responses=api_problems())
def list_members(
    member: CurrentMember,
    application: App,
    department: Annotated[
        Line, Query(description="处室的代码；不填为全部（非管理、审计人员为本处室）。")
    ] = "",
) -> shapes.MemberList:
    """管理、审计人员可查看全部，其他人查看本处室。"""
    if not sees_every_draft(member):
        member.require_department(department or member.department)
        department = member.department
    with application.store.reading() as records:
        members = records.people.members(department)
    return shapes.MemberList(items=[shapes.member_out(each) for each in members])


@router.post("/members", status_code=201, summary="新增人员", responses=body_problems(404, 409))
def add_member(
    request: shapes.NewMember, administrator: Administrator, application: App
) -> shapes.AddedMember:
    """新增账号，返回初始口令，只显示这一次。"""
    member = _member(request.login, request)
    password = _membership(application).add(member, administrator)
    return shapes.AddedMember(member=shapes.member_out(member), password=password)


@router.put("/members/{login}", summary="修改人员", responses=body_problems(404, 409))
def change_member(
    login: MemberLogin, request: shapes.MemberChange, administrator: Administrator, application: App
) -> shapes.MemberOut:
    """修改姓名、处室、角色；`active` 为 false 即停用，登录随即失效。"""
    return shapes.member_out(_membership(application).change(_member(login, request), administrator))


@router.post("/members/{login}/password", summary="重置口令", responses=api_problems(404))
def reset_password(login: MemberLogin, administrator: Administrator, application: App) -> shapes.PasswordOut:
    """生成新口令，只显示这一次；此人的登录全部失效。"""
    return shapes.PasswordOut(password=_membership(application).reset_password(login, administrator))


def _member(login: str, request: shapes.MemberChange) -> Member:
    return Member(login, request.name.strip(), request.department, frozenset(request.roles), request.active)


def _membership(application: Application) -> Membership:
    return Membership(application.store, application.clock)
