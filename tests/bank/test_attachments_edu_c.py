"""The key of each file task of domains 3 and 5 (CRCN-Édu), derived again from its attachment."""

import csv
import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).parents[2]
ITEMS = ROOT / "item_bank" / "items" / "crcn_edu"


def front_matter(item_id: str) -> dict[str, Any]:
    competence = item_id.split("-")[1]
    text = (ITEMS / competence / f"{item_id}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++\n")[1])


def attachment(item_id: str) -> Path:
    name: str = front_matter(item_id)["attachments"][0]["file"]
    return ITEMS / item_id.split("-")[1] / name


def test_group_b_exceeds_the_distance_limit_in_one_week_by_the_key() -> None:
    sheet = load_workbook(attachment("edu-3.1-04"))["Plan"]
    minutes: dict[int, int] = defaultdict(int)
    for week, _, _, mode, public, duration, _ in sheet.iter_rows(min_row=2, values_only=True):
        if mode == "À distance" and public in ("Toute la classe", "Groupe B"):
            minutes[week] += duration
    over = [total - 90 for total in minutes.values() if total > 90]
    assert over == [front_matter("edu-3.1-04")["key"]]


def test_exactly_one_pupil_of_the_chat_never_gets_an_answer() -> None:
    text = attachment("edu-3.2-05").read_text(encoding="utf-8-sig")
    lines = re.findall(r"^\[\d\d:\d\d\] (\w+) : (.*)$", text, flags=re.MULTILINE)
    waiting = []
    for place, (author, message) in enumerate(lines):
        if author == "Professeur" or not message.endswith("?"):
            continue
        answered = False
        for other, later in lines[place + 1 :]:
            if other == author and later.endswith("?"):
                break
            if re.match(rf"@{author}\b", later):
                answered = True
                break
        if not answered:
            waiting.append(author)
    assert waiting == front_matter("edu-3.2-05")["key"]


def test_the_proportionality_group_has_as_many_pupils_as_the_key() -> None:
    book = CalamineWorkbook.from_path(str(attachment("edu-3.3-02")))
    questions = book.get_sheet_by_name("Questions").to_python()[1:]
    wanted = {row[0] for row in questions if row[1] == "Proportionnalité"}
    head, *pupils = book.get_sheet_by_name("Réponses").to_python()
    columns = [place for place, name in enumerate(head) if name in wanted]
    assert len(columns) == 5
    present = [row for row in pupils if "abs" not in row]
    group = [row for row in present if sum(row[place] == 1 for place in columns) < 3]
    assert len(group) == front_matter("edu-3.3-02")["key"]


def test_one_competence_only_sees_its_target_level_fall() -> None:
    sheet = load_workbook(attachment("edu-5.1-05"))["Programmation"]
    levels: dict[str, dict[str, int]] = defaultdict(dict)
    for _, year, _, _, competence, level in sheet.iter_rows(min_row=2, values_only=True):
        code = str(competence).split()[0]
        assert year not in levels[code]
        levels[code][str(year)] = int(level)
    assert len(levels) == 16
    path = {code: [by_year[year] for year in ("6e", "5e", "4e", "3e")] for code, by_year in levels.items()}
    falling = [code for code, steps in path.items() if steps != sorted(steps)]
    assert falling == front_matter("edu-5.1-05")["key"][:1]


def test_the_profiles_sent_but_not_certifiable_are_as_many_as_the_key() -> None:
    with attachment("edu-5.2-04").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    levels = [name for name in rows[0] if name.startswith("Niveau en ")]
    assert len(levels) == 16
    sent = [row for row in rows if row["Profil envoyé"] == "Oui"]
    missing = [row for row in sent if sum(int(row[name]) >= 1 for name in levels) < 5]
    assert len(missing) == front_matter("edu-5.2-04")["key"]
