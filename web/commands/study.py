"""`palier study`: what answers, real or simulated, say of a release."""

import click


@click.group()
def study() -> None:
    """Study a release: calibrate its items on answers, simulate its tests."""
