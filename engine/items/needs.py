"""What a candidate may be unable to use: a closed list, so that an item which asks for it can be left out."""

from enum import StrEnum


class Need(StrEnum):
    """What no item put to the candidate may depend on."""

    COLOUR = "colour"
    VISION = "vision"
    HEARING = "hearing"
    POINTER = "pointer"
