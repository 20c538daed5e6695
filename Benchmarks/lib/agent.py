"""The table `agent`: conversations that send all that was said with each turn, answered by streams."""

import dataclasses

from . import rows, sessions, traffic
from .machine import print_progress, require_disk
from .processes import Workplace, cpu_between
from .report import median, number, spread_of_ratios, table

DEFAULT_ROWS = ["nginx", rows.WEIR_OFF, rows.WEIR_JOURNAL, rows.WEIR_SESSIONS]
FIRST_BYTES, LAST_BYTES = 20_000, 400_000
INTERVAL_US = 5_000


@dataclasses.dataclass
class Sample:
    cpu: float  # µs an exchange
    cpu_drained: float
    megabytes: float  # of traffic an exchange, both ways, heads and chunk framing included
    p50: float  # ms of an exchange


def run(options, problems):
    """Measures, and returns Markdown. Failed checks are added to `problems`."""
    chosen = rows.choose(options.rows or DEFAULT_ROWS, options, options.streaming_peer)
    peer = traffic.stream_peer(options)
    exchanges = options.conversations * options.turns
    # A request may be kept for both legs, as JSON text, in the journal and in the session file.
    require_disk(options.work_dir, exchanges * LAST_BYTES * 6)
    samples = {row.key: [] for row in chosen}
    for number_of_round in range(options.agent_rounds):
        shift = number_of_round % len(chosen)
        for row in chosen[shift:] + chosen[:shift]:
            print_progress(f"agent: {row.title}, round {number_of_round + 1} of {options.agent_rounds}")
            with Workplace(options.work_dir, options.keep) as workplace:
                samples[row.key].append(measure(options, row, peer, workplace, problems))
    return render(options, chosen, samples)


def measure(options, row, peer, workplace, problems):
    upstream = traffic.event_upstream(workplace, peer, INTERVAL_US)
    server = row.start(workplace, upstream.port, buffering="off")
    load = [peer, "load", "--port", str(server.port), "--path", traffic.PATH, "--agent", "--first-bytes",
            str(FIRST_BYTES), "--last-bytes", str(LAST_BYTES)]
    traffic.run_tool(load + ["--conversations", "2", "--turns", "2", "--events", "10"], 60, f"{row.title}, warm-up")
    before = server.clock()
    expected = options.turns * (options.events * INTERVAL_US / 1e6 + 2) + 120
    found = traffic.run_tool(
        load + ["--conversations", str(options.conversations), "--turns", str(options.turns), "--events",
                str(options.events), "--deadline", str(int(expected))], expected + 30, f"agent: {row.title}")
    after = server.clock()
    drained = rows.wait_until_drained(server) if row.records else after
    if row.records:
        rows.note_losses(server, problems)
    if row.key == rows.WEIR_SESSIONS:
        outcomes, _ = sessions.stop_and_count(server, problems)
        if outcomes != {"completed": found["answered"] + 4}:
            problems.append(f"agent: the session files hold {dict(outcomes)}, {found['answered'] + 4} are due")
    exchanges = found["answered"]
    return Sample(
        cpu_between(before, after) / 1000 / exchanges, cpu_between(before, drained) / 1000 / exchanges,
        (found["sent_bytes"] + found["received_bytes"]) / 1e6 / exchanges, found["p50_us"] / 1000)


def render(options, chosen, samples):
    yardstick = samples.get("nginx", [])
    lines = []
    for row in chosen:
        of = samples[row.key]
        lines.append([
            row.title,
            number(median([sample.cpu for sample in of]), 0),
            number(median([sample.cpu / sample.megabytes for sample in of]), 0),
            spread_of_ratios([sample.cpu for sample in of], [sample.cpu for sample in yardstick]),
            number(median([sample.cpu_drained for sample in of]), 0),
            number(median([sample.cpu_drained / sample.megabytes for sample in of]), 0),
            spread_of_ratios([sample.cpu_drained for sample in of], [sample.cpu_drained for sample in yardstick]),
            number(median([sample.p50 for sample in of]), 0),
        ])
    megabytes = median([sample.megabytes for of in samples.values() for sample in of])
    return "\n\n".join([
        "## agent: growing requests, streamed answers",
        f"{options.conversations} conversations at once, {options.turns} turns each, requests growing evenly from "
        f"{FIRST_BYTES // 1000} to {LAST_BYTES // 1000} kB, each answered by {options.events} events at one every "
        f"{INTERVAL_US // 1000} ms: {options.conversations * options.turns:,} exchanges of {megabytes:.2f} MB on the "
        f"average, both ways; {options.agent_rounds} round{'s' if options.agent_rounds > 1 else ''} (medians), a "
        "fresh proxy each. CPU: user and system time of the proxy; *drained*: until the record was written as well.",
        table(["row", "CPU µs an exchange", "CPU µs a MB", "× nginx", "CPU µs an exchange drained",
               "CPU µs a MB drained", "× nginx", "p50 ms"], lines)])
