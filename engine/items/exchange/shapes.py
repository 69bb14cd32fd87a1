"""What several formats share in how their questions become ours."""

from collections import Counter
from collections.abc import Sequence

from engine.items.exchange.model import Unsupported
from engine.items.item import Choice, Gap, Gaps, Matching


def paired(
    prompts: Sequence[Choice], choices: Sequence[Choice], pairs: Sequence[tuple[str, str]], fixed_order: bool = False
) -> Matching | tuple[str, Gaps]:
    """A matching; or, where a choice serves twice, lines with menus for the body and the gaps in them.

    Raises `Unsupported` where a prompt has no partner or several. Without any pair the key is to be filled in.
    """
    partners = Counter(prompt for prompt, _ in pairs)
    several = [p.text for p in prompts if partners[p.id] > 1]
    alone = [p.text for p in prompts if pairs and not partners[p.id]]
    if several:
        raise Unsupported(f"{several[0]!r} is paired with several choices: Palier pairs each with one")
    if alone:
        raise Unsupported(f"{alone[0]!r} is paired with nothing: Palier pairs every one")
    key = dict(pairs)
    if len(set(key.values())) == len(key):
        return Matching(tuple(prompts), tuple(choices), tuple((p.id, key[p.id]) for p in prompts if key), fixed_order)
    names = {p.id: f"g{n}" for n, p in enumerate(prompts, 1)}
    lines = "\n".join(f"- {p.text} : [[{names[p.id]}]]" for p in prompts)
    gaps = tuple(Gap(names[p.id], tuple(choices)) for p in prompts)
    return lines, Gaps(gaps, tuple((names[p.id], key[p.id]) for p in prompts))
