"""Settings, from the environment (`PALIER_…`)."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.adaptive.warm_up import SITTINGS

ROOT = Path(__file__).resolve().parents[1]


class Environment(StrEnum):
    """What the application runs for."""

    DEMO = "demo"
    PRODUCTION = "production"


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
    secret_key: SecretStr = SecretStr("")
    bank: Path = ROOT / "item_bank"
    release: str = "demo"
    rules: str = "2023"
    exposure_warm_up: Annotated[int, Field(ge=0)] = SITTINGS
    """Simulated sittings that exposure control starts from in a new release; with 0 it starts without history."""
    proxies: int = 0
    """How many reverse proxies stand before this server: only then are their headers believed."""
    news: bool = False
    """Whether `palier news` runs behind the same proxy: consoles then look when they are told to."""
    ice_servers: tuple[IceServer, ...] = ()
    """STUN and TURN servers of the remote view, as JSON; without any, browsers meet within one network only."""
    turn_secret: SecretStr = SecretStr("")
    """Shared with a TURN server that takes credentials for a time (coturn: use-auth-secret)."""

    @property
    def database(self) -> str:
        """The address of the database: SQLite in the data folder unless another is given."""
        return self.database_url or f"sqlite:///{self.data / 'palier.sqlite'}"

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
    def is_production(self) -> bool:
        """Whether real certificates hang on this installation."""
        return self.environment is Environment.PRODUCTION
