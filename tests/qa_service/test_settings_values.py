"""Settings that need more than a type: addresses, origins, encoders, thresholds that fit each other."""

from pathlib import Path
from typing import Any

import pytest

from qa_service.settings import SettingsError, read_settings

HOST = "应为 IP 地址或主机名的列表，不含端口和空格"
ORIGIN = "应为网站来源的列表，每项形如 https://主机 或 https://主机:端口，不带路径和末尾的斜杠"
PROXIES = "应为 IP 地址或网段，多个用英文逗号分隔"
ENCODER = (
    "应为 bundled、none、model:目录、base、st:模型名或目录、http:模型@地址（地址以 http:// 或 https:// 开头）"
)


def refusal(data: Path, **given: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(data, **given)
    return refused.value.message


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        (
            "host",
            [(), ("127.0.0.1:8000",), ("a b",), ("",), ("1.2.3",), ("http://a",), ("0.0.0.0", "[::]")],
            HOST,
        ),
        (
            "website_origins",
            [
                ("ybj.gov.cn",),
                ("https://ybj.gov.cn/",),
                ("https://ybj.gov.cn/a",),
                ("*",),
                ("null",),
                ("https://*.gov.cn",),
                ("https://a b",),
                ("ftp://ybj.gov.cn",),
                ("https://u@ybj.gov.cn",),
            ],
            ORIGIN,
        ),
        ("metrics_token", ["盯着", "a b", "a\n"], "应为不含空格的英文字母、数字和符号"),
        ("trusted_proxies", ["proxy", "*", "10.0.0.1，10.0.0.2", "10.0.0.1,", "10.0.0.1/8"], PROXIES),
        ("encoder", ["", "bundel", "bundled:x", "st:", "http:model", "http:@http://a", "http:m@a"], ENCODER),
    ],
)
def test_a_bad_value_is_named_with_its_key_and_what_is_expected(
    tmp_path: Path, key: str, values: list[Any], expected: str
) -> None:
    for value in values:
        assert refusal(tmp_path, **{key: value}) == f"设置项“{key}”的值“{value}”不可用：{expected}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", ("::", "0.0.0.0", "fe80::1%eth0", "localhost", "zhengda.ybj.gov.cn")),
        ("website_origins", ("https://ybj.gov.cn", "http://10.1.2.3:8080", "http://[2001:db8::1]")),
        ("trusted_proxies", ""),
        ("trusted_proxies", "10.0.0.0/8,::1"),
        ("encoder", "none"),
        ("encoder", "st:BAAI/bge-m3"),
        ("encoder", "st:/srv/my models/bge"),
        ("encoder", "http:bge-m3@http://127.0.0.1:8080/v1"),
    ],
)
def test_a_good_value_is_kept(tmp_path: Path, key: str, value: object) -> None:
    assert getattr(read_settings(tmp_path, **{key: value}), key) == value


def test_origins_are_kept_as_browsers_send_them(tmp_path: Path) -> None:
    origins = (" https://YBJ.gov.cn:443", "http://ybj.gov.cn:80", "https://ybj.gov.cn:80")
    assert read_settings(tmp_path, website_origins=origins).website_origins == (
        "https://ybj.gov.cn",
        "http://ybj.gov.cn",
        "https://ybj.gov.cn:80",
    )


def test_spaces_between_proxies_are_no_obstacle(tmp_path: Path) -> None:
    assert read_settings(tmp_path, trusted_proxies=" 10.0.0.1, ::1 ").trusted_proxies == "10.0.0.1,::1"


def test_choices_are_not_harder_to_reach_than_answers(tmp_path: Path) -> None:
    assert refusal(tmp_path, answer_threshold=0.2, choices_threshold=0.35) == (
        "设置项“choices_threshold”的值“0.35”不可用：不能大于 answer_threshold（0.2）"
    )
    read_settings(tmp_path, choices_threshold=0.8)
    read_settings(tmp_path, answer_threshold=0.5, choices_threshold=0.5)


def test_the_roles_of_a_stage_are_listed_in_chinese(tmp_path: Path) -> None:
    stages = [{"key": "a", "name": "甲", "role": "king"}]
    message = refusal(tmp_path, review_stages=stages)
    assert "、reviewer、" in message
    assert "'" not in message
    assert " or " not in message
