"""What a candidate does at the page of an item, with the keys at hand."""

import re

from playwright.sync_api import Locator, Page

from engine.items.item import (
    Gaps,
    Interaction,
    Item,
    Matching,
    MultipleChoice,
    Number,
    Ordering,
    ShortText,
    SingleChoice,
)
from engine.items.release import Release
from engine.kernel import ItemId
from tests.builders import variant_on


def item_on_screen(page: Page, release: Release) -> Item:
    """The item that the page shows; of a file task, the variant whose file it offers."""
    name = page.locator("input[name=item]").get_attribute("value")
    return variant_on(page.locator("main").inner_html(), release.item(ItemId(name or "")))


def fill_in(page: Page, interaction: Interaction, right: bool) -> None:
    """Reply to the item on the page, rightly or wrongly, as a person with scripts would."""
    match interaction:
        case SingleChoice(choices=choices, key=key):
            wrong = next(c.id for c in choices if c.id != key)
            page.locator(f"input[name=reply][value={key if right else wrong}]").check()
        case MultipleChoice(choices=choices, key=keys):
            for choice in choices:
                if (choice.id in keys) == right:
                    page.locator(f"input[name=reply][value={choice.id}]").check()
        case ShortText(key=keys):
            page.get_by_label("Votre réponse").fill(keys[0] if right else "je ne sais pas du tout")
        case Number(key=key):
            page.get_by_label("Votre réponse").fill(_french(key if right else key + 1000))
        case Ordering(key=order):
            put_in_order(page, list(order if right else reversed(order)))
        case Matching(prompts=prompts, choices=choices, key=pairs):
            right_ones = dict(pairs)
            all_ids = [c.id for c in choices]
            shifted = all_ids.index(_first(right_ones)) + 1  # the first prompt gets a choice that is not its own
            for n, prompt in enumerate(prompts):
                chosen = right_ones[prompt.id] if right else all_ids[(shifted + n) % len(all_ids)]
                page.locator(f"select[name=pair-{prompt.id}]").select_option(chosen)
        case Gaps(gaps=gaps, key=pairs):
            right_ones = dict(pairs)
            for gap in gaps:
                wrong = next(c.id for c in gap.choices if c.id != right_ones[gap.id])
                page.locator(f"select[name=gap-{gap.id}]").select_option(right_ones[gap.id] if right else wrong)


def put_in_order(page: Page, order: list[str]) -> None:
    """Move each choice up to its place with its button; every reply moves at least once."""
    rows: Locator = page.locator("[data-ordering] li")
    for place, choice in enumerate(order):
        while (at := _places(rows).index(choice)) > place:
            rows.nth(at).get_by_role("button", name=re.compile("^Monter")).click()
    if not all(page.locator(f"select[name=place-{c}]").input_value() for c in order):
        rows.nth(0).get_by_role("button", name=re.compile("^Descendre")).click()
        rows.nth(1).get_by_role("button", name=re.compile("^Monter")).click()


def _places(rows: Locator) -> list[str]:
    return [str(name) for name in rows.evaluate_all("rows => rows.map(row => row.dataset.choice)")]


def _first(pairs: dict[str, str]) -> str:
    return next(iter(pairs.values()))


def _french(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")
