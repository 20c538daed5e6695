"""The table `parsing`: how fast each dialect's answers and requests are read, without a proxy around it."""

import subprocess

from . import traffic
from .failure import Failure
from .machine import print_progress
from .report import table

FRAMINGS = {"eventStream": "events", "lines": "lines", "array": "JSON array"}
UNITS = {"request": "message", "whole": "answer"}


def run(options, problems):
    """Measures, and returns Markdown. What was not read is added to `problems`."""
    program = traffic.tool("parsing")
    print_progress("parsing")
    try:
        result = subprocess.run(
            [program, str(options.rounds)], stdout=subprocess.PIPE, text=True, check=True, timeout=900)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Failure(f"parsing: {error}") from None
    lines = []
    streams = {}
    for operation, framing, kind, *numbers in (line.split("\t") for line in result.stdout.splitlines()):
        # A whole answer and a request stand behind the stream of the same operation.
        framing = streams.setdefault(operation, framing) if framing == "document" else framing
        streams[operation] = framing
        if len(numbers) != 4:
            problems.append(f"parsing: {operation}, {kind}: {' '.join(numbers)}")
            continue
        octets, pieces, speed, nanoseconds = map(int, numbers)
        lines.append([
            f"{operation} ({FRAMINGS[framing]})", kind, f"{octets:,}", f"{speed:,}",
            f"{nanoseconds:,}", UNITS.get(kind, "event"), f"{pieces:,}"])
    if not lines:
        raise Failure("parsing: nothing was measured")
    text = (
        f"Medians of {options.rounds} rounds of 8 MB, by processor time. Streams come in pieces of 4 KiB and end as the "
        "dialect has it; every sample is checked once for having been read as what it is. A request is read with all "
        "its messages.")
    return "\n\n".join([
        "## parsing: dialects", text,
        table(["operation", "what", "octets", "MB/s", "ns a piece", "piece", "pieces"], lines)])
