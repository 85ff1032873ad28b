"""What a bureau can set: `zhengda.toml` in the data folder, overridden by `ZHENGDA_*` in the environment.

One frozen object, read once by the composition root. Each key's description is also its documentation
(`docs/settings.md` is generated from here).
"""

import os
import re
import tomllib
from importlib.resources.abc import Traversable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from knowledge import region
from knowledge.errors import InvalidValue, ZhengdaError
from knowledge.people import Role
from knowledge.review import DEFAULT_STAGES, ReviewStage

FILE_NAME = "zhengda.toml"
DATA_VARIABLE = "ZHENGDA_DATA"
DEFAULT_DATA = Path("data")
OLD_MODEL = "model.old"
HIGHEST_WRONG_RATE = 0.5
"""The most that anybody may set as the highest wrong-answer rate."""


class SettingsError(ZhengdaError):
    """A setting has a value that cannot be used; names the key, the value and what is expected."""

    code = "bad-setting"


class _Environment(EnvSettingsSource):
    """`ZHENGDA_*`; lists and tables are JSON there."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError as error:
            raise SettingsError(
                f"设置项“{field_name}”的值“{value}”不可用：列表和表格在环境变量里应写成 JSON"
            ) from error


class _File(TomlConfigSettingsSource):
    """`zhengda.toml`, with or without the byte order mark that some editors put first."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        try:
            return tomllib.loads(file_path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise SettingsError(f"{FILE_NAME} 不是 UTF-8 编码，请另存为 UTF-8") from error


class StageSetting(BaseModel):
    """One row of the review table, `[[review_stages]]` in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    role: Role
    own_department: bool = False


class Settings(BaseSettings):
    """All settings, frozen."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="ZHENGDA_", extra="forbid")

    data: Path = Field(
        default=DEFAULT_DATA, description="数据目录：数据库、索引、配置都在其中。也可用命令行 --data 指定。"
    )
    database_url: str = Field(
        default="",
        description="数据库地址。留空使用数据目录里的 SQLite；多机部署填 postgresql+psycopg://用户:口令@主机/库。",
    )
    bureau_name: str = Field(default="示范市医疗保障局", description="单位名称，显示在页面上。")
    region: str | None = Field(
        default=None,
        description="本单位的统筹区：GB/T 2260 六位代码或名称；提问未注明地区时按它检索。不设则不按地区筛选。",
    )
    host: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"), description="监听地址：IP 地址或主机名，不含端口。"
    )
    port: int = Field(default=8000, ge=0, le=65535, description="监听端口，0 表示由系统分配。")
    encoder: str = Field(
        default="bundled",
        description="语义模型：bundled（内置）、model:目录（zhengda train 的成果；相对路径从数据目录算起）、st:模型名或目录、http:模型@地址（OpenAI 兼容接口）、base（未经训练的基础模型，用于对比）、none（只用词语）。数据目录里有 zhengda adapt 微调成的模型时，bundled 即指它。",
    )
    encoder_api_key: str = Field(default="", description="http 语义模型接口的密钥。", repr=False)
    dictionary: Path | None = Field(
        default=None, description="本单位的补充词典：每行一个词；相对路径从数据目录算起。"
    )
    highest_wrong_rate: float = Field(
        default=0.02,
        gt=0,
        le=HIGHEST_WRONG_RATE,
        description="答错率上限：作答的答案里最多允许多少是错的，0.02 即2%。直接作答、给出选项、转为待答问题的门槛由此按校准数据得出；管理员在“答准率”页面另行设定后，以设定的为准。",
    )
    answer_threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="固定直接作答的门槛：首条答案正确的概率不低于此值时直接作答。不设则由答错率上限得出。",
    )
    choices_threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="固定给出选项的门槛：问题属于本知识库的概率低于此值时不作答，转为待答问题；不低于此值、又不足以直接作答时给出选项。不设则按校准数据得出。不能大于 answer_threshold。",
    )
    choices: int = Field(default=4, ge=2, le=10, description="选项最多几条。")
    max_question: int = Field(default=500, ge=20, le=5000, description="提问最多多少个字。")
    doubt_staff_reports: int = Field(
        default=1, ge=1, le=1000, description="工作人员反映答错达到几次，条目在核实前只作为选项、不直接作答。"
    )
    doubt_citizen_reports: int = Field(
        default=3, ge=1, le=1000, description="群众反映答错达到几次，条目在核实前只作为选项、不直接作答。"
    )
    ticket_working_days: int = Field(default=5, ge=1, le=60, description="待答问题的办理时限，工作日。")
    follow_seconds: float = Field(
        default=0.5, gt=0, le=2, description="索引每隔多少秒跟进一次发布、下架，秒。"
    )
    session_hours: int = Field(default=12, ge=1, le=720, description="登录有效时间，小时。")
    secure_cookies: bool = Field(
        default=False, description="仅通过 HTTPS 发送登录凭证；前面有 HTTPS 时应设为 true。"
    )
    website_per_minute: int = Field(default=30, ge=1, description="网站渠道每个来访地址每分钟最多提问次数。")
    website_origins: tuple[str, ...] = Field(
        default=(),
        description="本单位网站的来源，如 https://ybj.example.gov.cn；其网页可凭公钥跨域提问、联想、评价、登记和查询。",
    )
    metrics_token: str = Field(
        default="",
        description="运行指标 /metrics 的令牌：设置后，须以 Authorization: Bearer 令牌 读取；留空则不设防。",
        repr=False,
    )
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="可信的反向代理的 IP 地址或网段，逗号分隔；只从它们读取来访地址。",
    )
    review_stages: tuple[StageSetting, ...] = Field(
        default=tuple(StageSetting.model_validate(vars(stage)) for stage in DEFAULT_STAGES),
        description="审核环节，按次序；最后一个环节签发后即发布。默认：处室负责人审核、局领导审签、办公室发布。",
    )

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return region.parse(value)
        except InvalidValue as error:
            raise ValueError(error.expected) from error

    @field_validator("host")
    @classmethod
    def _listenable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_is_address(host) or _is_name(host) for host in value):
            raise ValueError("应为 IP 地址或主机名的列表，不含端口和空格")
        return value

    @field_validator("encoder")
    @classmethod
    def _known_encoder(cls, value: str) -> str:
        if not _ENCODER.fullmatch(value):
            raise ValueError(
                "应为 bundled、none、model:目录、base、st:模型名或目录、http:模型@地址（地址以 http:// 或 https:// 开头）"
            )
        return value

    @field_validator("choices_threshold")
    @classmethod
    def _below_answering(cls, value: float | None, info: ValidationInfo) -> float | None:
        answer = info.data.get("answer_threshold")
        if value is not None and answer is not None and value > answer:
            raise ValueError(f"不能大于 answer_threshold（{answer:g}）")
        return value

    @field_validator("website_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(each) for each in value)

    @field_validator("metrics_token")
    @classmethod
    def _sendable(cls, value: str) -> str:
        if not re.fullmatch(r"[!-~]*", value):
            raise ValueError("应为不含空格的英文字母、数字和符号")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _known_proxies(cls, value: str) -> str:
        proxies = [each.strip() for each in value.split(",")] if value.strip() else []
        if not all(_is_address(each) or _is_network(each) for each in proxies):
            raise ValueError("应为 IP 地址或网段，多个用英文逗号分隔")
        return ",".join(proxies)

    @field_validator("dictionary")
    @classmethod
    def _readable_dictionary(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        path: Path = info.data.get("data", DEFAULT_DATA) / value
        try:
            path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError("文件不存在或不是 UTF-8 文本") from error
        return path

    @field_validator("review_stages")
    @classmethod
    def _usable_stages(cls, value: tuple[StageSetting, ...]) -> tuple[StageSetting, ...]:
        keys = [stage.key for stage in value]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError("至少一个环节，且 key 不能重复")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given values first, then the environment, then the file in the data folder."""
        given = init_settings()
        folder = Path(given.get("data") or os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)
        return (init_settings, _Environment(settings_cls), _File(settings_cls, folder / FILE_NAME))

    @property
    def store_url(self) -> str:
        """The address of the store."""
        return self.database_url or f"sqlite:///{(self.data / 'zhengda.sqlite').absolute()}"

    @property
    def index_folder(self) -> Path:
        """Where the index lives; disposable."""
        return self.data / "index"

    @property
    def model_folder(self) -> Path:
        """Where `zhengda adapt` puts the bureau's own encoder."""
        return self.data / "model"

    @property
    def named_model(self) -> Path | None:
        """The folder of the encoder `model:FOLDER`; a relative one lies in the data folder."""
        kind, _, folder = self.encoder.partition(":")
        return self.data / folder if kind == "model" else None

    @property
    def own_model(self) -> Path | None:
        """The folder of the bureau's own encoder; of the one before while it is being replaced."""
        folders = (self.model_folder, self.data / OLD_MODEL)
        return next((folder for folder in folders if (folder / "encoder.json").is_file()), None)

    @property
    def encoder_in_use(self) -> str:
        """The encoder to open: the bureau's own in the place of the bundled one when there is one."""
        folder = self.own_model if self.encoder == "bundled" else self.named_model
        return f"model:{folder}" if folder else self.encoder

    @property
    def stages(self) -> tuple[ReviewStage, ...]:
        """The review table."""
        return tuple(ReviewStage(s.key, s.name, s.role, s.own_department) for s in self.review_stages)


def read_settings(data: Path | None = None, **given: Any) -> Settings:
    """The settings for a data folder. Raises SettingsError naming key, value and expectation."""
    if data is not None:
        given["data"] = data
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("；".join(_describe(problem) for problem in error.errors())) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE_NAME} 不是有效的 TOML：{error}") from error


_ENCODER = re.compile(r"bundled|none|base|model:\S.*|st:\S.*|http:[^@\s]+@https?://\S+")
_NAME = re.compile(r"[0-9A-Za-z]([0-9A-Za-z._-]*[0-9A-Za-z])?", re.ASCII)
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[0-9a-z]([0-9a-z._-]*[0-9a-z])?)(:[0-9]{1,5})?", re.ASCII)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    """Whether this can be the name of a machine; digits and dots alone are a mistyped address."""
    return bool(_NAME.fullmatch(host)) and not set(host) <= set("0123456789.")


def _origin(text: str) -> str:
    """An origin as browsers send it: lower case, the scheme's own port left out."""
    found = _ORIGIN.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(
            "应为网站来源的列表，每项形如 https://主机 或 https://主机:端口，不带路径和末尾的斜杠"
        )
    scheme, host, _, port = found.groups()
    return f"{scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else port)


_EXPECTED = {
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "path_type": "应为文件或目录的路径",
    "tuple_type": "应为列表",
    "greater_than": "应大于{gt:g}",
    "greater_than_equal": "不能小于{ge:g}",
    "less_than_equal": "不能大于{le:g}",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "missing": "不能缺少",
    "value_error": "{error}",
}


def _describe(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"设置项“{key}”不存在，请检查拼写（全部设置见 docs/settings.md）"
    context = dict(problem.get("ctx", {}))
    if problem["type"] in ("enum", "literal_error"):  # “'a', 'b' or 'c'”
        context["expected"] = context["expected"].replace("'", "").replace(" or ", "、").replace(", ", "、")
    expected = _EXPECTED.get(problem["type"], problem["msg"]).format(**context)
    return f"设置项“{key}”的值“{problem['input']}”不可用：{expected}"
