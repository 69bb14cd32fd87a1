"""A competence as people type it: `crcn:1.3`, `edu:2.1`."""

from typing import Any

import click

from engine.items.frameworks import COMPETENCE_INDEX, Framework


class CompetenceName(click.ParamType[tuple[Framework, str]]):
    """A competence as `crcn:1.3` or `edu:1.3`."""

    name = "crcn:1.3"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Framework, str]:
        """The framework and the code. Fails with the way to write it."""
        if isinstance(value, tuple):
            return value
        prefix, _, code = str(value).partition(":")
        framework = {"crcn": Framework.CRCN, "edu": Framework.CRCN_EDU, "crcn_edu": Framework.CRCN_EDU}.get(prefix)
        if framework is None or (framework, code) not in COMPETENCE_INDEX:
            self.fail(f"{value} : écrivez crcn:1.3 ou edu:1.3 (compétences 1.1 à 5.2).", param, ctx)
        return framework, code
