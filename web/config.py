"""Settings, from the environment (`PALIER_…`)."""

import socket
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.adaptive.warm_up import SITTINGS

ROOT = Path(__file__).resolve().parents[1]

SWEPT = "swept"
"""The file in `metrics_dir` whose time says when expired tests were last looked for."""


class Environment(StrEnum):
    """What the application runs for."""

    DEMO = "demo"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """How much is told."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class SecondFactor(StrEnum):
    """Whether juries and administrators prove twice who they are."""

    REQUIRED = "required"
    OFF = "off"


class IceServer(BaseModel):
    """A STUN or TURN server, as browsers take it (RTCIceServer)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[Annotated[str, Field(pattern=r"^(stun|stuns|turn|turns):[^\s]+$")], ...]
    username: str = ""
    credential: SecretStr = SecretStr("")

    @field_validator("urls", mode="before")
    @classmethod
    def _one_or_many(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given


class Settings(BaseSettings):
    """Everything that differs from one installation to another."""

    model_config = SettingsConfigDict(env_prefix="PALIER_", frozen=True)

    environment: Environment = Environment.DEMO
    data: Path = ROOT / "var"
    database_url: str = ""
    owner_database_url: str = ""
    """As the owner of the tables, for what the web's role may not do: erasing, backups. Empty: the same address."""
    backup_recipients: tuple[str, ...] = ()
    """Public keys (age1… or ssh-…) that backups are enciphered for, as JSON; the private one is kept elsewhere."""
    postgres_tools: Path | None = None
    """The folder of pg_dump and pg_restore, at least as new as the server; without one, those of the PATH."""
    retention: Path | None = None
    """The file that says how long personal data are kept; without one, rules/retention.toml of the item bank."""
    secret_key: SecretStr = SecretStr("")
    bank: Path = ROOT / "item_bank"
    release: str = "demo"
    rules: str = "2023"
    exposure_warm_up: Annotated[int, Field(ge=0)] = SITTINGS
    """Simulated sittings that exposure control starts from in a new release; with 0 it starts without history."""
    second_factor: SecondFactor | None = None
    """Unless it is said: required in production, off in a demo."""
    signs_every: Annotated[float, Field(ge=0)] = 1.0
    """Seconds for which a process gathers signs of life before it writes them; 0: each at once."""
    proxies: int = 0
    """How many reverse proxies stand before this server: only then are their headers believed."""
    node: str = ""
    """What logs call this machine; its host name unless another is given."""
    role: str = ""
    """What logs call this process of the node, such as candidates or desks."""
    log_level: LogLevel | None = None
    """From which level on lines are written: INFO in production, WARNING in a demo."""
    slow_request_ms: Annotated[float, Field(gt=0)] = 250
    """A request that takes as long is marked in the log."""
    metrics_dir: Path | None = None
    """A folder in memory where processes of this node leave their figures for `palier metrics`; without it, nothing."""
    metrics_token: SecretStr = SecretStr("")
    """What `palier metrics` asks for; it must be there unless only this machine can ask."""
    hosts: tuple[str, ...] = ()
    """Names that this server answers to, as JSON; without any it believes the name in the request."""
    news: bool = False
    """Whether `palier news` runs behind the same proxy: consoles then look when they are told to."""
    ice_servers: tuple[IceServer, ...] = ()
    """STUN and TURN servers of the remote view, as JSON; without any, browsers meet within one network only."""
    turn_secret: SecretStr = SecretStr("")
    """Shared with a TURN server that takes credentials for a time (coturn: use-auth-secret)."""

    audit_key: Path | None = None
    """The private key that ends of chains are signed with; in the data folder unless another file is named."""

    @property
    def database(self) -> str:
        """The address of the database: SQLite in the data folder unless another is given."""
        return self.database_url or f"sqlite:///{self.data / 'palier.sqlite'}"

    @property
    def owner_database(self) -> str:
        """The address of the database for those who may erase."""
        return self.owner_database_url or self.database

    @property
    def asks_second_factor(self) -> bool:
        """Whether juries and administrators are asked for a code after their password."""
        return (self.second_factor or self._usual_second_factor) is SecondFactor.REQUIRED

    @property
    def _usual_second_factor(self) -> SecondFactor:
        return SecondFactor.REQUIRED if self.is_production else SecondFactor.OFF

    @property
    def signing_key(self) -> Path:
        """The file of the private key of the audit; beside it lie the public keys of all that were used."""
        return self.audit_key or self.data / "audit" / "key.pem"

    @property
    def welcome(self) -> Path:
        """Where the welcome video of the instructions lies: welcome.mp4 or welcome.webm, with welcome.vtt."""
        return self.data / "welcome"

    @property
    def welcome_captions(self) -> str:
        """The file of its captions."""
        return "welcome.vtt"

    @property
    def welcome_video(self) -> str | None:
        """The file of the video, if there is one that has captions: without them it would shut people out."""
        if not (self.welcome / self.welcome_captions).is_file():
            return None
        return next((name for name in ("welcome.webm", "welcome.mp4") if (self.welcome / name).is_file()), None)

    @property
    def level(self) -> LogLevel:
        """From which level on lines are written."""
        return self.log_level or (LogLevel.INFO if self.is_production else LogLevel.WARNING)

    @property
    def node_name(self) -> str:
        """What this machine is called."""
        return self.node or socket.gethostname()

    @property
    def is_production(self) -> bool:
        """Whether real certificates hang on this installation."""
        return self.environment is Environment.PRODUCTION
