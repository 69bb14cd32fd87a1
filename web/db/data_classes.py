"""The classes of personal data, and what of a person is in each."""

from enum import StrEnum


class DataClass(StrEnum):
    """A class of personal data: what is kept for one reason, and for one time."""

    IDENTITY = "identity"
    EMAIL = "email"
    DRAFTS = "drafts"
    SIGNS = "signs"
    MESSAGES = "messages"
    FACTS = "facts"
    CHECKS = "checks"
    VIEW_LETTERS = "view_letters"
    VIEW_CONSENT = "view_consent"
    TOOL_BODIES = "tool_bodies"
    INCIDENT_TEXTS = "incident_texts"
    SITTING_LOGS = "sitting_logs"
    RESULTS = "results"
    STAFF_ACCOUNTS = "staff_accounts"
    ACCESS_LOG = "access_log"
    GUESSES = "guesses"
    WAITING_LISTS = "waiting_lists"
    AUDIT = "audit"


KEPT_WITHOUT_IDENTITY = frozenset({DataClass.SITTING_LOGS, DataClass.RESULTS, DataClass.AUDIT})
"""Chained by hashes or counted in statistics: these lose their person, never their rows."""
