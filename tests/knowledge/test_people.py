"""Who may do what."""

from dataclasses import replace

import pytest

from knowledge.errors import InvalidValue, NotAllowed
from knowledge.people import SYSTEM, Role, require_login
from tests.cast import ADMIN, EDITOR, HEAD, OUTSIDER


def test_a_member_holds_the_roles_given_and_no_other() -> None:
    assert EDITOR.has(Role.EDITOR)
    assert EDITOR.has(Role.PUBLISHER, Role.EDITOR)
    assert not EDITOR.has(Role.PUBLISHER)
    assert not EDITOR.has()


def test_a_member_out_of_service_holds_none() -> None:
    assert not replace(EDITOR, active=False).has(Role.EDITOR)


def test_a_missing_role_is_named_with_the_person() -> None:
    with pytest.raises(NotAllowed, match=r"楚处长.*“编辑、发布员”"):
        HEAD.require(Role.EDITOR, Role.PUBLISHER)


def test_departments_are_closed_to_others_but_administrators() -> None:
    EDITOR.require_department("benefits")
    ADMIN.require_department("benefits")
    with pytest.raises(NotAllowed):
        OUTSIDER.require_department("benefits")
    with pytest.raises(NotAllowed):
        replace(ADMIN, active=False).require_department("benefits")


def test_the_system_itself_holds_no_role() -> None:
    assert not SYSTEM.has(*Role)


def test_every_role_has_a_name_to_show() -> None:
    assert len({role.label for role in Role}) == len(Role)


@pytest.mark.parametrize("login", [SYSTEM.login, ADMIN.login, "zhang.wei", "office-2_b", "12393", "a" * 64])
def test_a_login_is_of_small_letters_digits_and_three_marks(login: str) -> None:
    require_login(login)


@pytest.mark.parametrize(
    "login", ["", "a", "a" * 65, "Zhang", "张伟", ".wei", "zhang wei", "zhang@wei", "zhang\n", "\uff5aang"]
)
def test_any_other_login_is_refused_with_the_rule(login: str) -> None:
    with pytest.raises(InvalidValue, match="2到64个小写英文字母、数字"):
        require_login(login)
