"""What a client was told of an exchange.

Each client's file turns what its SDK gave into `Said`, by rules of its own, so that Weir's reading of an answer is
held against the SDK's.
"""

from dataclasses import dataclass, field
from decimal import Decimal

# The header field by which a case's exchange is found in the record.
CASE = "x-case"
# Dollars for a million tokens of every model that is asked for here, in the configuration's own words.
PRICES = {"input": Decimal("1"), "output": Decimal("2"), "cached_input": Decimal("0.1")}


@dataclass
class Used:
    """Tokens, by one rule for all: caches are part of the input, reasoning is part of the output."""

    input: int | None
    output: int | None = None
    total: int | None = None
    cached: int | None = None
    written: int | None = None
    reasoning: int | None = None

    def cost(self) -> Decimal:
        cached = self.cached or 0
        input = (self.input or 0) - cached
        dollars = PRICES["input"] * input + PRICES["cached_input"] * cached + PRICES["output"] * (self.output or 0)
        return dollars / 1_000_000


@dataclass
class Said:
    """What the client of one exchange was told."""

    dialect: str
    operation: str
    model: str | None = "mock-1"
    answered: str | None = "mock-1"
    text: str | None = None
    reasoning: str | None = None
    # Names and arguments.
    calls: list[tuple[str, dict]] = field(default_factory=list)
    finish: str | None = None
    # How many there were; the first is told here.
    answers: int = 1
    # None: the server told the client nothing of it, or nobody asked what.
    used: Used | None = None
    # Where the record has the counts from, where `used` is None.
    source: str = "estimated"
    status: int = 200
    outcome: str = "completed"
    # A part of the error's message, where there is one.
    error: str | None = None
    # Whether it is the answer of a model to a message, with a text, tokens and a cost.
    speaks: bool = True
    # Whether it came in pieces, so that there is a time of the first.
    streamed: bool = False
