"""The table `forward`: small requests, small answers, as fast as it goes."""

import collections
import dataclasses

from . import rows, sessions, traffic
from .machine import print_progress, require_disk
from .processes import Workplace, cpu_between
from .report import median, number, spread_of_ratios, table

DIRECT = "direct"
DEFAULT_ROWS = ["nginx", "haproxy", rows.WEIR_OFF, rows.WEIR_JOURNAL, rows.WEIR_SESSIONS]


@dataclasses.dataclass
class Cell:
    """One row under one number of connections in one round."""

    requests: int
    per_second: float
    p50: float
    p99: float
    cpu: float = 0.0
    cpu_drained: float = 0.0


def run(options, problems):
    """Measures, and returns Markdown. Failed checks are added to `problems`."""
    chosen = rows.choose(options.rows or DEFAULT_ROWS, options, options.peer + options.streaming_peer)
    records = any(row.records for row in chosen)
    if records:
        # Room for both recording rows at 80,000 exchanges a second of 5 kB each: a round's files are removed after it.
        require_disk(options.work_dir, 2 * len(options.connections) * (options.seconds + 1) * 80_000 * 5_000)
    cells = collections.defaultdict(list)
    checks = []
    with Workplace(options.work_dir, options.keep) as workplace:
        upstream = traffic.Upstream(workplace, options.descriptors)
        for number_of_round in range(options.rounds):
            print_progress(f"forward: round {number_of_round + 1} of {options.rounds}")
            checks += one_round(options, chosen, number_of_round, workplace, upstream, cells, problems)
    return render(options, chosen, cells, checks)


def one_round(options, chosen, number_of_round, workplace, upstream, cells, problems):
    """Starts every row, measures each under each number of connections, ends them. Returns what was checked."""
    servers = {row.key: row.start(workplace, upstream.port) for row in chosen}
    tallies = {row.key: Tally() for row in chosen}
    for row in chosen:
        traffic.verify_answer(servers[row.key].port, row.title, row.call)
        tallies[row.key].add(answered=1, reached=1)
        # Connections to the upstream, allocations and branch predictors are warm when it counts.
        measure(row, servers[row.key], upstream, options.connections[-1], 1, tallies[row.key], problems)
    for connections in options.connections:
        print_progress(f"  {connections} connections")
        cells[connections, DIRECT].append(
            cell(traffic.wrk(upstream.port, connections, options.seconds, "the upstream alone")))
        shift = number_of_round % len(chosen)
        for row in chosen[shift:] + chosen[:shift]:
            cells[connections, row.key].append(measure(
                row, servers[row.key], upstream, connections, options.seconds, tallies[row.key], problems))
    checks = []
    for row in chosen:
        server = servers[row.key]
        if row.key == rows.WEIR_SESSIONS:
            checks.append(check_record(server, tallies[row.key], problems))
            workplace.forget(server)
        else:
            code = workplace.end(server)
            if row.is_weir and code != 0:
                problems.append(f"forward: {row.title} ended with {code} after SIGTERM")
    return checks


@dataclasses.dataclass
class Tally:
    """What one process has been sent: answers that the client counted, requests that came to the upstream, and
    connections that wrk dropped at its end, each with at most one request under way."""

    answered: int = 0
    reached: int = 0
    dropped: int = 0

    def add(self, answered, reached, dropped=0):
        self.answered += answered
        self.reached += reached
        self.dropped += dropped


def cell(found):
    return Cell(found["requests"], found["requests"] / (found["duration_us"] / 1e6), found["p50_us"], found["p99_us"])


def measure(row, server, upstream, connections, seconds, tally, problems):
    """Loads one row once."""
    reached = upstream.requests()
    before = server.clock()
    found = traffic.wrk(server.port, connections, seconds, f"{row.title}, {connections} connections", row.call)
    after = server.clock()
    drained = rows.wait_until_drained(server) if row.records else after
    tally.add(found["requests"], upstream.requests() - reached, connections)
    if row.records:
        rows.note_losses(server, problems)
    result = cell(found)
    result.cpu = cpu_between(before, after) / 1000 / result.requests
    result.cpu_drained = cpu_between(before, drained) / 1000 / result.requests
    return result


def check_record(server, tally, problems):
    """Ends Weir and compares its session files with what was sent. Returns one line of the table of checks."""
    outcomes, ids = sessions.stop_and_count(server, problems)
    lines, completed = sum(outcomes.values()), outcomes["completed"]
    good = (tally.answered <= completed and tally.reached <= lines <= tally.answered + tally.dropped and ids == lines)
    if not good:
        problems.append(
            f"forward: {lines} lines ({dict(outcomes)}, {ids} distinct ids) for {tally.answered} answers counted, "
            f"{tally.reached} requests at the upstream, {tally.dropped} connections dropped")
    return [f"{tally.answered:,}", f"{tally.reached:,}", f"{lines:,}", f"{completed:,}", f"{lines - completed:,}",
            f"{tally.dropped:,}", "yes" if good else "NO"]


def render(options, chosen, cells, checks):
    parts = [
        "## forward: POST of 230 bytes, answer of 582 bytes",
        f"Interleaved rounds: {options.rounds}, the numbers are their medians; {options.seconds} s a cell. Ratios to "
        "nginx: median of the rounds' ratios (lowest–highest). Added p50: above the upstream alone in the same round. "
        "CPU: user and system time of the proxy's processes divided by the exchanges; *drained*: until the record was "
        "written as well.",
    ]
    for connections in options.connections:
        parts += [f"### {connections} connection{'s' if connections > 1 else ''}",
                  one_table(chosen, {key: value for (count, key), value in cells.items() if count == connections})]
    if checks:
        parts += [
            "### The record of these runs",
            "One line a round, counted in the session files after SIGTERM and exit 0. wrk drops its connections at "
            "the end of a cell, each with at most one request under way, which it does not count. So every counted "
            "answer must be a completed exchange, every request that came to the upstream a line, and there may be at "
            "most one line a dropped connection more than counted answers. No id may come twice.",
            table(["answers counted", "at the upstream", "lines", "completed", "other outcomes",
                   "dropped connections", "holds"], checks)]
    return "\n\n".join(parts)


def one_table(chosen, cells):
    yardstick = cells.get("nginx", [])
    direct = cells[DIRECT]

    def added(of):
        return [cell.p50 - alone.p50 for cell, alone in zip(of, direct)]

    lines = []
    for key, title in [(DIRECT, "(upstream alone)")] + [(row.key, row.title) for row in chosen]:
        of = cells[key]
        line = [title, number(median([cell.per_second for cell in of]), 0)]
        if key == DIRECT:
            line += ["–", number(median([cell.p50 for cell in of]), 0), number(median([cell.p99 for cell in of]), 0)]
            lines.append(line + ["–"] * 6)
            continue
        line += [
            spread_of_ratios([cell.per_second for cell in of], [cell.per_second for cell in yardstick]),
            number(median([cell.p50 for cell in of]), 0),
            number(median([cell.p99 for cell in of]), 0),
            number(median(added(of)), 0),
            spread_of_ratios(added(of), added(yardstick)),
            number(median([cell.cpu for cell in of])),
            spread_of_ratios([cell.cpu for cell in of], [cell.cpu for cell in yardstick]),
            number(median([cell.cpu_drained for cell in of])),
            spread_of_ratios([cell.cpu_drained for cell in of], [cell.cpu_drained for cell in yardstick]),
        ]
        lines.append(line)
    return table(
        ["row", "requests/s", "× nginx", "p50 µs", "p99 µs", "added p50 µs", "× nginx", "CPU µs", "× nginx",
         "CPU µs drained", "× nginx"], lines)
