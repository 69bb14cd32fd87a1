"""Who was shown whose data, and which items: one line of the access log for each page of staff that shows names or an
item of the bank, at most one a request.

The two tables name every route of staff: what it shows, or why it is not written down. A test holds them complete.
"""

from collections.abc import Mapping
from enum import StrEnum

import structlog
from flask import Flask, Response, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from web.access import actor, house
from web.db import access_log
from web.db.access_log import Access
from web.now import now

log = structlog.get_logger()


class Shown(StrEnum):
    """What somebody was shown; in French in `web.privacy_words.SHOWN`."""

    SESSION = "session"
    CONSOLE = "console"
    WALL = "wall"
    CANDIDATE = "candidate"
    JOURNAL = "journal"
    CLOSING = "closing"
    LIST = "list"
    CODES = "codes"
    CONVOCATIONS = "convocations"
    ATTENDANCE = "attendance"
    MINUTES = "minutes"
    RESULTS = "results"
    RESULTS_FILE = "results_file"
    INCIDENTS = "incidents"
    CASE = "case"
    ACCESS_LOG = "access_log"
    FOUND = "found"
    EXPORT = "export"
    ITEM = "item"
    ITEM_KEY = "item_key"


RECORDED: Mapping[str, Shown] = {
    "centre.show": Shown.SESSION,
    "centre.journal": Shown.JOURNAL,
    "centre.closing_page": Shown.CLOSING,
    "centre.finalise": Shown.CLOSING,
    "centre.place": Shown.CANDIDATE,
    "centre.edit_place": Shown.CANDIDATE,
    "centre.move": Shown.CANDIDATE,
    "centre.cancel_place": Shown.CANDIDATE,
    "centre.code": Shown.CODES,
    "centre.codes": Shown.CODES,
    "centre.codes_file": Shown.CODES,
    "centre.codes_papers": Shown.CODES,
    "centre.renew_codes": Shown.LIST,
    "centre.preview": Shown.LIST,
    "centre.reschedule": Shown.LIST,
    "centre.cancel_session": Shown.LIST,
    "centre.convocation": Shown.CONVOCATIONS,
    "centre.convocation_with_code": Shown.CONVOCATIONS,
    "centre.convocations": Shown.CONVOCATIONS,
    "centre.convocations_with_codes": Shown.CONVOCATIONS,
    "centre.attendance": Shown.ATTENDANCE,
    "centre.minutes": Shown.MINUTES,
    "centre.results": Shown.RESULTS,
    "centre.download_results": Shown.RESULTS_FILE,
    "proctor.console": Shown.CONSOLE,
    "proctor.wall": Shown.WALL,
    "proctor.candidate": Shown.CANDIDATE,
    "proctor.journal": Shown.JOURNAL,
    "proctor.closing_page": Shown.CLOSING,
    "proctor.finalise": Shown.CLOSING,
    "proctor.ending_page": Shown.LIST,
    "proctor.end": Shown.LIST,
    "proctor.pause_page": Shown.LIST,
    "proctor.resume_page": Shown.LIST,
    "proctor.message_to_all": Shown.LIST,
    "proctor.send_to_all": Shown.LIST,
    "proctor.convocation": Shown.CONVOCATIONS,
    "proctor.convocation_with_code": Shown.CONVOCATIONS,
    "proctor.convocations": Shown.CONVOCATIONS,
    "proctor.attendance": Shown.ATTENDANCE,
    "proctor.minutes": Shown.MINUTES,
    "jury.show": Shown.SESSION,
    "jury.gate": Shown.SESSION,
    "jury.journal": Shown.JOURNAL,
    "jury.minutes": Shown.MINUTES,
    "jury.queue": Shown.INCIDENTS,
    "jury.case": Shown.CASE,
    "jury.confirmation": Shown.CASE,
    "jury.amend": Shown.CANDIDATE,
    "jury.report": Shown.CANDIDATE,
    "admin.accesses": Shown.ACCESS_LOG,
    "admin.item": Shown.ITEM,
    "admin.item_key": Shown.ITEM_KEY,
    "admin.try_item": Shown.ITEM_KEY,
}

_RENEWS = "it renews a page whose opening was written down; the console asks once a second"
_ACTS = "it acts and leads to a page that is written down"
_OWN = "it shows nobody but what the actor has just typed"
_NOBODY = "it shows no candidate"
UNRECORDED: Mapping[str, str] = {
    "proctor.console_state": _RENEWS,
    "proctor.console_log": _RENEWS,
    "proctor.candidate_state": _RENEWS,
    "proctor.wall_summary": _RENEWS,
    "proctor.wall_settings": _NOBODY,
    "proctor.news": _NOBODY,
    "proctor.wall_exchange": "letters between browsers, by place: the wall's opening was written down",
    "proctor.search": _ACTS,
    "proctor.open_session": _ACTS,
    "proctor.close_day": _ACTS,
    "proctor.pause_all": _ACTS,
    "proctor.resume_all": _ACTS,
    "proctor.check": _ACTS,
    "proctor.authorise": _ACTS,
    "proctor.refuse": _ACTS,
    "proctor.pause": _ACTS,
    "proctor.resume": _ACTS,
    "proctor.grant_time": _ACTS,
    "proctor.terminate": _ACTS,
    "proctor.refuse_alert": _ACTS,
    "proctor.accept_alert": _ACTS,
    "proctor.message": _ACTS,
    "proctor.saw": _ACTS,
    "proctor.report": _ACTS,
    "proctor.follow_up": _ACTS,
    "proctor.renew_code": _ACTS,
    "proctor.sessions": _NOBODY,
    "centre.sessions": _NOBODY,
    "centre.search": _ACTS,
    "centre.new_session": _NOBODY,
    "centre.duplicate": _NOBODY,
    "centre.edit": _NOBODY,
    "centre.enrol": _OWN,
    "centre.upload": _OWN,
    "centre.confirm": _ACTS,
    "centre.abandon": _ACTS,
    "centre.forget_codes": _ACTS,
    "centre.renew_code": _ACTS,
    "centre.open_session": _ACTS,
    "centre.close_day": _ACTS,
    "centre.template": _NOBODY,
    "centre.list_tools": _NOBODY,
    "centre.add_tool": _NOBODY,
    "centre.show_tool": _NOBODY,
    "centre.revoke_tool": _NOBODY,
    "jury.sessions": _NOBODY,
    "jury.publish": _ACTS,
    "jury.statistics": _NOBODY,
    "jury.statistics_csv": _NOBODY,
    "jury.statistics_xlsx": _NOBODY,
    "admin.bank": "it lists items without what they ask and without their keys",
    "admin.item_file": "a file of an item whose page was written down",
    "admin.comment": _ACTS,
    "admin.decide_item": _ACTS,
    "admin.releases": _NOBODY,
    "admin.release": _NOBODY,
    "admin.download": _NOBODY,
    "admin.day": _NOBODY,
    "admin.day_state": _NOBODY,
    "home.logout": _NOBODY,
    "home.security": _NOBODY,
    "home.new_app": _NOBODY,
    "home.change_app": _NOBODY,
    "home.renew_recovery_codes": _NOBODY,
}

_SUBJECTS = (("sitting_id", "sitting"), ("incident_id", "incident"), ("session_id", "session"), ("item_id", "item"))


def init_app(app: Flask) -> None:
    """Write down each page that shows names, after it was made and before it is sent."""

    @app.after_request
    def _write_down(response: Response) -> Response:
        what = RECORDED.get(request.endpoint or "")
        if (
            what is None
            or request.method not in ("GET", "POST")
            or not 200 <= response.status_code < 300
            or not current_user.is_authenticated
        ):
            return response
        subject, subject_id = _subject(request.view_args or {})
        access = Access(now(), actor().id, "", what.value, subject, subject_id)
        try:
            with house().db.write() as connection:
                access_log.add(connection, access)
        except SQLAlchemyError as error:
            # A supervisor must see the room even when the log cannot be written: the lines of the server tell it.
            told = {"account": access.account, "what": access.what, "subject": subject_id}
            log.error("access_not_recorded", **told, error=type(error).__name__)
        return response


def _subject(arguments: Mapping[str, object]) -> tuple[str, str]:
    for name, kind in _SUBJECTS:
        if name in arguments:
            return kind, str(arguments[name])
    return "", ""
