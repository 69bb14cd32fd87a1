"""The releases and rule sets that this installation runs: frozen copies, so that a sitting finds what it pinned.

The item bank moves on in git; what a session pins is copied once below the data folder, under its digest, and read
from there for ever.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from engine.adaptive.cat import Plan
from engine.adaptive.exposure import Eligibility
from engine.adaptive.forms import Forms
from engine.adaptive.forms_file import BrokenForms, OtherRelease, read_forms
from engine.adaptive.model import Pool
from engine.adaptive.select import Selector
from engine.adaptive.warm_up import needs_control, warmed
from engine.items.frameworks import Track
from engine.items.freeze import Manifest
from engine.items.item import Item
from engine.items.read import is_whole, read_bank, read_release
from engine.items.release import Provenance, Release
from engine.kernel import EngineError
from engine.proctoring.incident import IncidentKind, read_taxonomy
from engine.scoring.planning import plan_for
from engine.scoring.rules import RuleSet, read_rules
from web.config import Settings
from web.services.shelf import Shelf

MOST_PLANS = 64
"""Plans under pinned exposure states that are kept at once: two for each open session."""


class SimulatedRelease(EngineError):
    """A release with simulated parameters, in production."""

    code = "simulated_release"


class NotInstalled(EngineError):
    """A release or rule set that a session pins and this installation has not."""

    code = "not_installed"


class Catalogue:
    """Installed releases and rule sets, by digest; read once, then kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._releases = settings.data / "releases"
        self._rules = settings.data / "rules"
        self._forms = settings.data / "forms"
        self._exposure = settings.data / "exposure"
        self._controlled: dict[str, Plan] = {}
        self.release = lru_cache(maxsize=8)(self._read_release)
        self.rules = lru_cache(maxsize=8)(self._read_rules)
        self.plan = lru_cache(maxsize=16)(self._make_plan)
        self.taxonomy: dict[str, IncidentKind] = dict(
            read_taxonomy((settings.bank / "rules" / "incidents.toml").read_text(encoding="utf-8"))
        )

    @cached_property
    def named_release(self) -> Release:
        """The release that the settings name. Raises `BrokenRelease`, and `SimulatedRelease` in production."""
        release = read_release(self._settings.bank, self._settings.release)
        if self._settings.is_production and release.provenance is Provenance.SIMULATED:
            raise SimulatedRelease(
                f"Release {release.name} has simulated parameters: production refuses it. "
                "Set PALIER_RELEASE to a release that rests on real data, or to `seed`.",
                release=release.name,
            )
        return release

    @cached_property
    def current(self) -> tuple[str, str]:
        """What new sessions pin: the digests of the release and of the rule set in force since this process started."""
        return self.install()

    def install(self) -> tuple[str, str]:
        """Freeze the release and the rule set that the settings name; their digests, for new sessions.

        Raises `BrokenRelease`, `BadRules`, `NotCalibrated` if the release cannot bear the rules, and
        `SimulatedRelease` in production.
        """
        release = self.named_release
        text = (self._settings.bank / "rules" / f"{self._settings.rules}.toml").read_text(encoding="utf-8")
        rules = read_rules(text)
        for track in Track:
            # Refused here, before a session pins what cannot run.
            plan_for(release, track, rules, forms=_forms(self._settings.bank / "forms", release, track, rules))
        self._copy_release(release)
        self._rules.mkdir(parents=True, exist_ok=True)
        target = self._rules / f"{rules.digest}.toml"
        if not target.exists():
            _write_whole(target, text)
        for digest in rules.selection.forms:
            kept = self._forms / f"{digest}.json"
            if not kept.exists():
                self._forms.mkdir(parents=True, exist_ok=True)
                _write_whole(kept, (self._settings.bank / "forms" / kept.name).read_text(encoding="utf-8"))
        for track in Track:
            if needs_control(self.plan(release.digest, rules.digest, track)):
                self.warm_up(release.digest, rules.digest, track)
        return release.digest, rules.digest

    @cached_property
    def tutorial(self) -> tuple[Item, ...]:
        """Items to try before a test, in order: they are in no release. Raises `NotInstalled`."""
        bank, problems = read_bank(self._settings.bank / "tutorial")
        if bank is None:
            raise NotInstalled(f"The tutorial cannot be read: {'; '.join(map(str, problems))}.")
        return bank.items

    @cached_property
    def shelf(self) -> Shelf:
        """The item bank as its files are now, for whoever looks after it."""
        return Shelf(self._settings.bank)

    def tutorial_file(self, item: Item, name: str) -> Path:
        """Where a file of an item of the tutorial lies."""
        return self._settings.bank / "tutorial" / "items" / item.framework / item.competence / name

    def controlled(self, state: str, make: Callable[[], Plan]) -> Plan:
        """The plan under a pinned exposure state, made at most once while it is in use."""
        plan = self._controlled.get(state)
        if plan is None:
            if len(self._controlled) >= MOST_PLANS:
                # The oldest. A copy of the keys is taken at once, whatever other threads do to the dictionary.
                self._controlled.pop(list(self._controlled)[0], None)  # noqa: RUF015
            plan = self._controlled[state] = make()
        return plan

    def warm_up(self, release_digest: str, rules_digest: str, track: Track) -> Eligibility:
        """What exposure control of a track starts from: simulated at the first time, then read from its file."""
        plan = self.plan(release_digest, rules_digest, track)
        start = Eligibility.of(plan.pool, plan.ceilings)
        sittings = self._settings.exposure_warm_up
        if not sittings:
            return start
        path = self._exposure / f"{release_digest}-{rules_digest}-{track}-{sittings}.json"
        if not path.exists():
            made = warmed(plan, sittings)
            self._exposure.mkdir(parents=True, exist_ok=True)
            _write_whole(
                path, json.dumps({"eligible": made.eligible.tolist(), "administered": made.administered.tolist()})
            )
        stored = json.loads(path.read_text(encoding="utf-8"))
        return replace(start, eligible=np.array(stored["eligible"]), administered=np.array(stored["administered"]))

    def installed(self) -> list[tuple[Release, datetime]]:
        """Every release that is installed here and may be used, with the time when it came."""
        found = []
        for folder in sorted(self._releases.iterdir()):
            if re.fullmatch(r"[0-9a-f]{64}", folder.name):
                try:
                    found.append((self.release(folder.name), datetime.fromtimestamp(folder.stat().st_mtime, UTC)))
                except SimulatedRelease:
                    continue  # left over from a demo: production does not know it
        return found

    def media_file(self, release_digest: str, item: Item, name: str) -> Path:
        """Where a file of an item lies. Raises `NotInstalled`."""
        path = self._folder(release_digest) / "items" / item.framework / item.competence / name
        if name not in item.files or not path.is_file():
            raise NotInstalled(f"Item {item.id} has no file {name}.", item=item.id, file=name)
        return path

    def _folder(self, digest: str) -> Path:
        return self._releases / digest

    def _copy_release(self, release: Release) -> None:
        folder = self._folder(release.digest)
        if folder.exists():
            return
        self._releases.mkdir(parents=True, exist_ok=True)
        # Copied aside, then moved at once: a release is there whole or not at all.
        aside = Path(tempfile.mkdtemp(dir=self._releases))
        source = self._settings.bank
        manifest = source / "releases" / f"{release.name}.json"
        (aside / "releases").mkdir()
        shutil.copy2(manifest, aside / "releases" / "frozen.json")
        rows = Manifest.model_validate_json(manifest.read_bytes()).items
        for item, row in zip(release.items, rows, strict=True):
            own = source / row.path
            target = aside / row.path
            target.parent.mkdir(parents=True, exist_ok=True)
            for file in (own, *(own.parent / name for name in item.files)):
                shutil.copy2(file, target.parent / file.name)
        aside.chmod(0o755)
        try:
            aside.rename(folder)
        except OSError:
            # Another process installed the same release first.
            shutil.rmtree(aside)

    def _read_release(self, digest: str) -> Release:
        folder = self._folder(digest)
        if not folder.is_dir():
            raise NotInstalled(f"Release {digest[:12]} is not installed at {folder}.", digest=digest)
        named = cast(Release | None, vars(self).get("named_release"))
        if named is not None and named.digest == digest and is_whole(folder, "frozen", named):
            return named  # as it was read from the bank a moment ago
        release = read_release(folder, "frozen")
        if self._settings.is_production and release.provenance is Provenance.SIMULATED:
            raise SimulatedRelease(f"Release {release.name} has simulated parameters.", release=release.name)
        return release

    def _read_rules(self, digest: str) -> RuleSet:
        path = self._rules / f"{digest}.toml"
        if not path.is_file():
            raise NotInstalled(f"Rule set {digest[:12]} is not installed at {path}.", digest=digest)
        return read_rules(path.read_text(encoding="utf-8"))

    def _make_plan(self, release_digest: str, rules_digest: str, track: Track) -> Plan:
        release, rules = self.release(release_digest), self.rules(rules_digest)
        return plan_for(release, track, rules, forms=_forms(self._forms, release, track, rules))


def _forms(folder: Path, release: Release, track: Track, rules: RuleSet) -> Forms | None:
    """The fixed forms that a rule set names for a track, if it wants any and names them.

    Raises `NotInstalled` when a file is missing, `BrokenForms` when one is not what its name says.
    """
    if rules.selection.selector != Selector.FORMS.value:
        return None
    pool = Pool.of(release, track)
    for digest in rules.selection.forms:
        path = folder / f"{digest}.json"
        if not path.is_file():
            raise NotInstalled(f"Fixed forms {digest[:12]} are not at {path}.", digest=digest)
        text = path.read_text(encoding="utf-8")
        if json.loads(text).get("digest") != digest:
            raise BrokenForms(f"The forms at {path} are not those that its name says.", digest=digest)
        try:
            return read_forms(text, pool)
        except OtherRelease:
            continue  # those of the other track
    return None


def _write_whole(target: Path, text: str) -> None:
    # A name of its own, so that two processes that write the same file do not take each other's away.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as aside:
        aside.write(text)
    path = Path(aside.name)
    path.chmod(0o644)
    path.rename(target)
