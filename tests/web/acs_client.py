"""A proctoring tool: written from RFC 6749, RFC 7523 and 1EdTech Proctoring Services 1.0 alone.

It knows nothing of the code that it talks to, only what a vendor is told: two addresses, a client id and a secret.
"""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCOPE = "https://purl.imsglobal.org/spec/lti-ap/scope/control.all"
MEDIA_TYPE = "application/vnd.ims.lti-ap.v1.control+json"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Its type, without parameters."""
        return self.headers.get("Content-Type", "").split(";")[0]

    @property
    def json(self) -> dict[str, Any]:
        """The object in it."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """One POST."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return Reply(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read())


@dataclass
class Tool:
    """A tool of a vendor, set up for one assessment platform."""

    token_url: str
    control_url: str
    client_id: str
    client_secret: str
    token: str = field(default="", repr=False)

    def connect(self, scope: str | None = SCOPE, in_form: bool = False, grant: str = "client_credentials") -> Reply:
        """RFC 6749, 4.4.2: ask for an access token, with the secret in the header or in the form (2.3.1)."""
        form = {"grant_type": grant}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if scope is not None:
            form["scope"] = scope
        if in_form:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            pair = ":".join(map(urllib.parse.quote_plus, (self.client_id, self.client_secret)))
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        reply = send(self.token_url, urllib.parse.urlencode(form).encode(), headers)
        if reply.status == 200:
            self.token = reply.json["access_token"]
        return reply

    def connect_signed(self, assertion: str, scope: str = SCOPE) -> Reply:
        """RFC 7523, 2.2, as the 1EdTech Security Framework has it: ask for a token with a signed JWT."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            "scope": scope,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        reply = send(self.token_url, urllib.parse.urlencode(form).encode(), headers)
        if reply.status == 200:
            self.token = reply.json["access_token"]
        return reply

    def control(self, user: str, link: str, action: str, incident_time: str, **more: Any) -> Reply:
        """Proctoring Services 1.0, Assessment Control Service: one action on one attempt."""
        about = {
            "user": {"iss": "https://tool.example", "sub": user},
            "resource_link": {"id": link},
            "attempt_number": 1,
            "action": action,
            "incident_time": incident_time,
            "incident_severity": "0.5",
        }
        return self.send_raw(json.dumps(about | more).encode())

    def send_raw(self, body: bytes, **headers: str) -> Reply:
        """Any body, as if it were a request."""
        usual = {"Authorization": f"Bearer {self.token}", "Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
        sent = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        return send(self.control_url, body, {name: value for name, value in sent.items() if value})
