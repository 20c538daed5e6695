"""The check `record`: what was answered is in the record, after SIGTERM all of it, after SIGKILL all but the last."""

import os
import subprocess
import time

from . import rows, sessions, traffic
from .failure import Failure
from .machine import print_progress, require_disk
from .processes import Workplace
from .report import number, table

CONNECTIONS = 64
SECONDS_BEFORE_KILL = 2


def run(options, problems):
    """Sends, counts, and returns Markdown. Failed checks are added to `problems`."""
    if not options.weir:
        raise Failure("record: there is no Weir to check; build it, or name it with --weir")
    require_disk(options.work_dir, max(options.count, 200_000) * 10_000)
    peer = traffic.stream_peer(options)
    parts = ["## record: what was answered is in the record"]
    for check in (terminated, killed):
        with Workplace(options.work_dir, options.keep) as workplace:
            parts.append(check(options, peer, workplace, problems))
    return "\n\n".join(parts)


def terminated(options, peer, workplace, problems):
    """Exactly so many requests, then SIGTERM."""
    print_progress(f"record: {options.count:,} exchanges, SIGTERM")
    upstream = traffic.Upstream(workplace, options.descriptors)
    server = rows.choose([rows.WEIR_SESSIONS], options)[0].start(workplace, upstream.port)
    found = traffic.run_tool(load(peer, server.port, workplace, options.count), 330, "record")
    reached = upstream.requests()
    # No wait before SIGTERM: what is still queued has to be written by the drain.
    outcomes, ids = sessions.stop_and_count(server, problems)
    lines = sum(outcomes.values())
    good = found["answered"] == reached == lines == outcomes["completed"] == ids == options.count
    if not good:
        problems.append(
            f"record: {options.count} sent, {found['answered']} answered, {reached} at the upstream, {lines} lines, "
            f"{dict(outcomes)}, {ids} distinct ids")
    return "\n\n".join([
        f"**SIGTERM.** Exactly {options.count:,} requests over {CONNECTIONS} connections, every answer compared byte "
        "by byte, SIGTERM at once after the last, exit 0, then the session files are counted. The first six numbers "
        "must be one.",
        table(["sent", "answered", "at the upstream", "lines", "completed", "distinct ids", "requests/s", "holds"],
              [[f"{options.count:,}", f"{found['answered']:,}", f"{reached:,}", f"{lines:,}",
                f"{outcomes['completed']:,}", f"{ids:,}", number(found["answered"] / found["seconds"], 0),
                "yes" if good else "NO"]])])


def killed(options, peer, workplace, problems):
    """SIGKILL under load, then a start on the same files and SIGTERM."""
    print_progress("record: SIGKILL under load")
    upstream = traffic.Upstream(workplace, options.descriptors)
    row = rows.choose([rows.WEIR_SESSIONS], options)[0]
    server = row.start(workplace, upstream.port)
    client = subprocess.Popen(
        [*load(peer, server.port, workplace, 1_000_000_000), "--until-cut"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(SECONDS_BEFORE_KILL)
        server.kill()
        found = traffic.result_of(client, 60, "record, SIGKILL")
    finally:
        client.kill()
        client.wait()
    second = row.start_in(server.directory, workplace, upstream.port)
    rows.wait_until_drained(second)
    outcomes, ids = sessions.stop_and_count(second, problems, torn=True)
    lines, completed = sum(outcomes.values()), outcomes["completed"]
    good = found["settled"] <= completed and ids == lines
    if not good:
        problems.append(
            f"record: SIGKILL: {found['answered']} answered, {found['settled']} of them more than 50 ms before the "
            f"last, {lines} lines, {dict(outcomes)}, {ids} distinct ids")
    return "\n\n".join([
        f"**SIGKILL** after {SECONDS_BEFORE_KILL} s of the same load, Weir started again on the same directories, "
        "SIGTERM, exit 0. *Settled*: answered more than 50 ms before the last answer; as many must be recorded as "
        "completed, and none twice.",
        table(["answered", "settled", "lines", "completed", "other outcomes", "distinct ids", "holds"],
              [[f"{found['answered']:,}", f"{found['settled']:,}", f"{lines:,}", f"{completed:,}",
                f"{lines - completed:,}", f"{ids:,}", "yes" if good else "NO"]])])


def load(peer, port, workplace, requests):
    body, answer = write(workplace.path, "body", traffic.REQUEST), write(workplace.path, "answer", traffic.ANSWER)
    return [peer, "load", "--port", str(port), "--requests", str(requests), "--connections", str(CONNECTIONS),
            "--path", traffic.PATH, "--body", body, "--answer", answer]


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path
