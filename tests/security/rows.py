"""The table of all routes: what each needs, which object it is about, and what it answers to whom it is meant for.

A new route needs a row. A number is the status for somebody who has the right, about an object of their own, in the
middle of a session, with no field filled in: 303 and 400 say that the door is open and something is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from web.access import Permission


class About(StrEnum):
    """What an address names, and so by which rule somebody has a right to it."""

    NOTHING = "nothing"
    SESSION = "session"
    SITTING = "sitting"
    INCIDENT = "incident"
    TOOL = "tool"
    LIST = "list"
    """A list that was sent to a session."""
    HELP = "help"
    """What a candidate asked, below the page of that candidate."""
    NOTE = "note"
    """What a proctor wrote to a candidate."""
    FILE = "file"
    """A file of the item on a candidate's screen."""
    PUBLISHED = "published"
    """What everybody with the permission may see: a release, a sample, a file that is served to all."""


Status = int | tuple[int, int] | None
"""`None`: the method is not allowed. Two numbers: for a candidate before entry and in the test; of what is public,
without and with an account that has logged in."""


@dataclass(frozen=True)
class Row:
    """One endpoint."""

    permission: Permission
    about: About = About.NOTHING
    get: Status = None
    post: Status = None
    of_remote: bool = False
    """Only of a session with a remote view: elsewhere it does not exist, not even to who may see the session."""


P, A = Permission, About
ROWS: Mapping[str, Row] = {
    "acs.control": Row(P.TOOL, post=415),
    "acs.description": Row(P.PUBLIC, get=200),
    "acs.token": Row(P.PUBLIC, post=400),
    "admin.accesses": Row(P.ADMINISTER, get=200),
    "admin.bank": Row(P.ADMINISTER, get=200),
    "admin.comment": Row(P.ADMINISTER, A.PUBLISHED, post=400),
    "admin.day": Row(P.ADMINISTER, get=200),
    "admin.day_state": Row(P.ADMINISTER, get=200),
    "admin.decide_item": Row(P.ADMINISTER, A.PUBLISHED, post=400),
    "admin.download": Row(P.ADMINISTER, A.PUBLISHED, get=200),
    "admin.item": Row(P.ADMINISTER, A.PUBLISHED, get=200),
    "admin.item_file": Row(P.ADMINISTER, A.PUBLISHED, get=200),
    "admin.item_key": Row(P.ADMINISTER, A.PUBLISHED, get=200),
    "admin.release": Row(P.ADMINISTER, A.PUBLISHED, get=200),
    "admin.releases": Row(P.ADMINISTER, get=200),
    "admin.try_item": Row(P.ADMINISTER, A.PUBLISHED, post=400),
    "candidate.acknowledge": Row(P.SIT, A.NOTE, post=(404, 303)),
    "candidate.alert_state": Row(P.SIT, get=303),
    "candidate.answer": Row(P.SIT, post=(303, 400)),
    "candidate.ask_for_help": Row(P.SIT, post=303),
    "candidate.check": Row(P.PUBLIC, get=200),
    "candidate.choose_comfort": Row(P.PUBLIC, post=303),
    "candidate.decide_on_view": Row(P.SIT, post=404),
    "candidate.draft": Row(P.SIT, post=(403, 409)),
    "candidate.enter": Row(P.SIT, post=400),
    "candidate.fact": Row(P.SIT, post=(204, 400)),
    "candidate.file": Row(P.SIT, A.FILE, get=(404, 200)),
    "candidate.finish": Row(P.SIT, get=(303, 200), post=(403, 303)),
    "candidate.here": Row(P.SIT, get=303),
    "candidate.identify": Row(P.PUBLIC, get=200, post=400),
    "candidate.instructions": Row(P.SIT, get=200, post=303),
    "candidate.leave": Row(P.SIT, post=303),
    "candidate.news": Row(P.SIT, get=200),
    "candidate.offline": Row(P.PUBLIC, get=200),
    "candidate.presence": Row(P.SIT, post=200),
    "candidate.raise_alert": Row(P.SIT, post=303),
    "candidate.rescue": Row(P.PUBLIC, get=200),
    "candidate.result": Row(P.SIT, get=303, post=303),
    "candidate.ring": Row(P.SIT, post=(403, 303)),
    "candidate.sample": Row(P.PUBLIC, A.PUBLISHED, get=200, post=400),
    "candidate.sample_file": Row(P.PUBLIC, A.PUBLISHED, get=200),
    "candidate.start": Row(P.SIT, post=(403, 303)),
    "candidate.test": Row(P.SIT, get=(303, 200)),
    "candidate.tutorial": Row(P.PUBLIC, get=200),
    "candidate.view_consent": Row(P.SIT, get=303),
    "candidate.view_exchange": Row(P.SIT, post=400),
    "candidate.view_settings": Row(P.SIT, get=404),
    "candidate.view_state": Row(P.SIT, get=200),
    "candidate.view_window": Row(P.SIT, get=404),
    "candidate.waiting": Row(P.SIT, get=303),
    "candidate.waiting_state": Row(P.SIT, get=200),
    "candidate.welcome_file": Row(P.PUBLIC, A.PUBLISHED, get=404),
    "centre.abandon": Row(P.MANAGE, A.LIST, post=303),
    "centre.add_tool": Row(P.MANAGE, post=400),
    "centre.attendance": Row(P.MANAGE, A.SESSION, get=200),
    "centre.cancel_place": Row(P.MANAGE, A.SITTING, get=200, post=400),
    "centre.cancel_session": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.close_day": Row(P.MANAGE, A.SESSION, post=303),
    "centre.closing_page": Row(P.MANAGE, A.SESSION, get=200),
    "centre.code": Row(P.MANAGE, A.SITTING, get=200),
    "centre.codes": Row(P.MANAGE, A.SESSION, get=200),
    "centre.codes_file": Row(P.MANAGE, A.SESSION, get=409),
    "centre.codes_papers": Row(P.MANAGE, A.SESSION, get=409),
    "centre.confirm": Row(P.MANAGE, A.LIST, post=303),
    "centre.convocation": Row(P.MANAGE, A.SITTING, get=200),
    "centre.convocation_with_code": Row(P.MANAGE, A.SITTING, post=200),
    "centre.convocations": Row(P.MANAGE, A.SESSION, get=200),
    "centre.convocations_with_codes": Row(P.MANAGE, A.SESSION, post=200),
    "centre.download_results": Row(P.READ_RESULTS, A.SESSION, get=409),
    "centre.duplicate": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.edit": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.edit_place": Row(P.MANAGE, A.SITTING, get=200, post=409),
    "centre.enrol": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.finalise": Row(P.MANAGE, A.SESSION, post=409),
    "centre.forget_codes": Row(P.MANAGE, A.SESSION, post=303),
    "centre.journal": Row(P.MANAGE, A.SESSION, get=200),
    "centre.list_tools": Row(P.MANAGE, get=200),
    "centre.minutes": Row(P.MANAGE, A.SESSION, get=200),
    "centre.move": Row(P.MANAGE, A.SITTING, get=200, post=400),
    "centre.new_session": Row(P.MANAGE, get=200, post=400),
    "centre.open_session": Row(P.MANAGE, A.SESSION, post=409),
    "centre.place": Row(P.MANAGE, A.SITTING, get=200),
    "centre.preview": Row(P.MANAGE, A.LIST, get=200),
    "centre.renew_code": Row(P.MANAGE, A.SITTING, post=303),
    "centre.renew_codes": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.reschedule": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "centre.results": Row(P.READ_RESULTS, A.SESSION, get=409),
    "centre.revoke_tool": Row(P.MANAGE, A.TOOL, post=303),
    "centre.sessions": Row(P.MANAGE, get=200),
    "centre.search": Row(P.MANAGE, A.SESSION, post=303),
    "centre.show": Row(P.MANAGE, A.SESSION, get=200),
    "centre.show_tool": Row(P.MANAGE, A.TOOL, get=200),
    "centre.template": Row(P.MANAGE, A.PUBLISHED, get=200),
    "centre.upload": Row(P.MANAGE, A.SESSION, get=200, post=400),
    "home.change_app": Row(P.STAFF, post=409),
    "home.code": Row(P.HALFWAY, get=200, post=400),
    "home.enrol": Row(P.HALFWAY, get=200, post=400),
    "health.alive": Row(P.PUBLIC, get=200),
    "health.ready": Row(P.PUBLIC, get=200),
    "home.index": Row(P.PUBLIC, get=200),
    "home.login": Row(P.PUBLIC, get=(200, 303), post=(400, 303)),
    "home.logout": Row(P.STAFF, post=303),
    "home.new_app": Row(P.STAFF, get=200, post=200),
    "home.recovery_code": Row(P.HALFWAY, get=200, post=400),
    "home.renew_recovery_codes": Row(P.STAFF, post=409),
    "home.security": Row(P.STAFF, get=200),
    "jury.amend": Row(P.ADJUDICATE, A.SITTING, get=409, post=409),
    "jury.case": Row(P.ADJUDICATE, A.INCIDENT, get=200, post=400),
    "jury.confirmation": Row(P.ADJUDICATE, A.INCIDENT, post=400),
    "jury.gate": Row(P.ADJUDICATE, A.SESSION, get=200),
    "jury.journal": Row(P.ADJUDICATE, A.SESSION, get=200),
    "jury.minutes": Row(P.ADJUDICATE, A.SESSION, get=200),
    "jury.publish": Row(P.ADJUDICATE, A.SESSION, post=409),
    "jury.queue": Row(P.ADJUDICATE, get=200),
    "jury.report": Row(P.ADJUDICATE, A.SITTING, get=200, post=400),
    "jury.sessions": Row(P.ADJUDICATE, get=200),
    "jury.show": Row(P.ADJUDICATE, A.SESSION, get=200),
    "jury.statistics": Row(P.ADJUDICATE, get=200),
    "jury.statistics_csv": Row(P.ADJUDICATE, get=200),
    "jury.statistics_xlsx": Row(P.ADJUDICATE, get=200),
    "proctor.accept_alert": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.attendance": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.authorise": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.candidate": Row(P.SUPERVISE, A.SITTING, get=200),
    "proctor.candidate_state": Row(P.SUPERVISE, A.SITTING, get=200),
    "proctor.check": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.close_day": Row(P.SUPERVISE, A.SESSION, post=303),
    "proctor.closing_page": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.console": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.console_log": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.console_state": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.convocation": Row(P.SUPERVISE, A.SITTING, get=200),
    "proctor.convocation_with_code": Row(P.SUPERVISE, A.SITTING, post=200),
    "proctor.convocations": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.end": Row(P.SUPERVISE, A.SESSION, post=400),
    "proctor.ending_page": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.finalise": Row(P.SUPERVISE, A.SESSION, post=409),
    "proctor.follow_up": Row(P.SUPERVISE, A.INCIDENT, post=303),
    "proctor.grant_time": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.journal": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.message": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.message_to_all": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.minutes": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.open_session": Row(P.SUPERVISE, A.SESSION, post=409),
    "proctor.pause": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.pause_all": Row(P.SUPERVISE, A.SESSION, post=303),
    "proctor.pause_page": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.refuse": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.refuse_alert": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.renew_code": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.report": Row(P.SUPERVISE, A.SITTING, post=400),
    "proctor.resume": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.resume_all": Row(P.SUPERVISE, A.SESSION, post=303),
    "proctor.resume_page": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.saw": Row(P.SUPERVISE, A.HELP, post=303),
    "proctor.send_to_all": Row(P.SUPERVISE, A.SESSION, post=400),
    "proctor.news": Row(P.SUPERVISE, A.SESSION, get=200),
    "proctor.search": Row(P.SUPERVISE, A.SESSION, post=303),
    "proctor.sessions": Row(P.SUPERVISE, get=200),
    "proctor.terminate": Row(P.SUPERVISE, A.SITTING, post=303),
    "proctor.wall": Row(P.SUPERVISE, A.SESSION, get=200, of_remote=True),
    "proctor.wall_exchange": Row(P.SUPERVISE, A.SESSION, post=400, of_remote=True),
    "proctor.wall_settings": Row(P.SUPERVISE, A.SESSION, get=200, of_remote=True),
    "proctor.wall_summary": Row(P.SUPERVISE, A.SESSION, get=200, of_remote=True),
    "static": Row(P.PUBLIC, A.PUBLISHED, get=200),
}
