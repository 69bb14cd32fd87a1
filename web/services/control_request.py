"""A request of a proctoring tool as 1EdTech Proctoring Services 1.0 writes it, and the reply."""

from enum import StrEnum
from typing import Annotated

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from engine.kernel import EngineError

LONGEST_GRANT = 120  # minutes, as for a proctor
EARLIEST, LATEST = 2000, 2200  # years: a time beyond them is a mistake, and could not be converted


class BadControl(EngineError):
    """A request of a tool that is not as the specification writes it."""

    code = "bad_control"


class Action(StrEnum):
    """What a tool can ask for."""

    PAUSE = "pause"
    RESUME = "resume"
    TERMINATE = "terminate"
    UPDATE = "update"
    FLAG = "flag"


class Status(StrEnum):
    """Where the test stands after a request."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    TERMINATED = "terminated"
    COMPLETE = "complete"


def _written_out(value: object) -> object:
    """A time is text: a bare number could be seconds or milliseconds."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write a date and time of ISO 8601 with its offset, such as 2026-11-23T09:30:00Z")
    return value


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("write a number")
    return value


Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]+$")]
Words = Annotated[str, Field(pattern=r"^[^\x00]*$")]


Severity = Annotated[float, Field(ge=0, le=1), BeforeValidator(_no_truth)]
_DECIMAL = {
    "title": "Incident Severity",
    "description": "From 0.0 to 1.0: text, as the specification has it, or a number.",
    "anyOf": [
        {"type": "string", "pattern": r"^(0(\.[0-9]+)?|1(\.0+)?)$"},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "null"},
    ],
}


class User(BaseModel):
    """The candidate: their external identifier or the identifier of their sitting; `iss` is not looked at."""

    sub: Name
    iss: str | None = None


class ResourceLink(BaseModel):
    """The session: its code or its identifier."""

    id: Name


class ControlRequest(BaseModel):
    """An action on one attempt. What is not named here is ignored, as the specification allows extensions."""

    model_config = ConfigDict(frozen=True, title="Control", allow_inf_nan=False)

    user: User
    resource_link: ResourceLink
    attempt_number: Annotated[int, Field(ge=1, le=2**31), BeforeValidator(_no_truth)]
    action: Action
    incident_time: Annotated[AwareDatetime, BeforeValidator(_written_out)]
    incident_severity: Annotated[Severity | None, WithJsonSchema(_DECIMAL)] = None
    reason_code: Words | None = None
    reason_msg: Annotated[Words | None, Field(validation_alias=AliasChoices("reason_msg", "reason_message"))] = None
    extra_time: Annotated[int, Field(ge=0, le=LONGEST_GRANT), BeforeValidator(_no_truth)] | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> "ControlRequest":
        if not EARLIEST <= self.incident_time.year < LATEST:
            raise ValueError("incident_time is not plausible")
        if self.action is Action.UPDATE and not self.extra_time:
            raise ValueError("update needs extra_time, in minutes")
        if self.action in (Action.FLAG, Action.TERMINATE) and self.extra_time:
            raise ValueError(f"{self.action} gives no extra_time: send update")
        return self

    def tells_the_same_as(self, other: "ControlRequest") -> bool:
        """Whether two requests on one attempt differ only in how they name it and in how they are written."""
        names = {"user", "resource_link"}
        return self.model_dump(exclude=names) == other.model_dump(exclude=names)


class ControlReply(BaseModel):
    """Where the test stands now, and all the minutes that were given during it."""

    model_config = ConfigDict(frozen=True, title="ControlReply")

    status: Status
    extra_time: int


def read(body: bytes) -> ControlRequest:
    """The request in a body. Raises `BadControl` with every fault."""
    try:
        return ControlRequest.model_validate_json(body)
    except ValidationError as error:
        faults = [
            {"field": ".".join(map(str, e["loc"])), "fault": e["msg"]}
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise BadControl("The request is not as Proctoring Services 1.0 writes it.", faults=faults) from error
