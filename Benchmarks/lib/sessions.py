"""Counting what Weir's session files hold."""

import collections
import glob
import os
import re

from . import rows
from .failure import Failure

OUTCOME = re.compile(rb'"outcome"\s*:\s*"([a-z_]+)"')
REQUEST_ID = re.compile(rb'"request_id"\s*:\s*"([^"]+)"')


def count(directory, torn=False):
    """Outcomes of all lines of the session files under `directory` ({outcome: lines}), and the distinct ids.

    With `torn`, the last line of a file may lack its end: the process was killed while it wrote.
    """
    files = sorted(glob.glob(os.path.join(rows.logs(directory), "proxy-*.jsonl")))
    outcomes, ids = collections.Counter(), set()
    for path in files:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if torn and not line.endswith(b"\n"):
                    continue
                outcome, request_id = OUTCOME.search(line), REQUEST_ID.search(line)
                if not line.endswith(b"}\n") or not outcome or not request_id:
                    raise Failure(f"{os.path.basename(path)}, line {number}, is not an exchange: {line[:200]}")
                outcomes[outcome.group(1).decode()] += 1
                ids.add(request_id.group(1))
    return outcomes, len(ids)


def stop_and_count(server, problems, torn=False):
    """Ends Weir by SIGTERM, which has to bring exit code 0, and counts its session files."""
    code = server.stop(120)
    if code != 0:
        problems.append(f"{server.name} ended with {code} after SIGTERM:\n{server.last_output()}")
    return count(server.directory, torn)
