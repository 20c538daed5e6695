"""The table `reading`: what it costs the record to read every exchange by its dialect."""

import collections
import dataclasses

from . import agent, before, rows, traffic
from .failure import Failure
from .machine import print_progress
from .processes import Workplace, cpu_between, read, tasks
from .report import median, number, spread_of_ratios, table

# The last commit whose session files held bodies that nobody had read.
BEFORE = "721ec3b"
WITHOUT, WITH = "without", "with"
TITLES = {WITHOUT: "(a) Weir without reading", WITH: "(b) Weir"}
SMALL_CONNECTIONS = 16
EVENT_INTERVAL_US = 10_000


@dataclasses.dataclass
class ReadingRow(rows.Row):
    """A Weir that writes session files."""

    @property
    def title(self):
        return TITLES[self.key]

    @property
    def is_weir(self):
        return True

    @property
    def records(self):
        return True

    @property
    def arguments(self):
        return []


@dataclasses.dataclass
class Sample:
    cpu: float  # µs an exchange, until the record was written
    loops: float  # of them on event loops
    record: float  # of them on the thread that reads the journal


def choose(options):
    if not options.weir:
        raise Failure("reading: there is no Weir to compare; build it, or name it with --weir")
    earlier = before.binary(options, BEFORE)
    before.require_same_build(options.weir, earlier)
    return [ReadingRow(key, weir=weir, weir_arguments=tuple(options.weir_argument), descriptors=options.descriptors)
            for key, weir in ((WITHOUT, earlier), (WITH, options.weir))]


def run(options, problems):
    """Measures, and returns Markdown. Failed checks are added to `problems`."""
    chosen = choose(options)
    peer = traffic.stream_peer(options)
    loads = {
        "small": lambda server: small(options, server),
        "streams": lambda server: streams(options, peer, server),
        "agent": lambda server: conversations(options, peer, server),
    }
    samples = collections.defaultdict(list)
    for number_of_round in range(options.rounds):
        for name, load in loads.items():
            shift = number_of_round % len(chosen)
            for row in chosen[shift:] + chosen[:shift]:
                print_progress(f"reading: {name}, {row.title}, round {number_of_round + 1} of {options.rounds}")
                with Workplace(options.work_dir, options.keep) as workplace:
                    samples[name, row.key].append(measure(options, name, row, peer, load, workplace, problems))
    return render(options, chosen, loads, samples)


def measure(options, name, row, peer, load, workplace, problems):
    if name == "small":
        upstream = traffic.Upstream(workplace, options.descriptors)
        server = row.start(workplace, upstream.port)
        traffic.wrk(server.port, SMALL_CONNECTIONS, 1, f"{row.title}, warm-up")
    else:
        interval = agent.INTERVAL_US if name == "agent" else EVENT_INTERVAL_US
        server = row.start(workplace, traffic.event_upstream(workplace, peer, interval).port, buffering="off")
    rows.wait_until_drained(server)
    clock, threads = server.clock(), by_thread(server)
    exchanges = load(server)
    drained = rows.wait_until_drained(server)
    after = by_thread(server)
    rows.note_losses(server, problems)
    spent = collections.Counter()
    for task, (kind, nanoseconds) in after.items():
        spent[kind] += nanoseconds - threads.get(task, (kind, 0))[1]
    return Sample(cpu_between(clock, drained) / 1000 / exchanges, spent["loop"] / 1000 / exchanges,
                  spent["record"] / 1000 / exchanges)


def by_thread(server):
    """The CPU time of each thread, and what it does: {task: (kind, nanoseconds)}."""
    found = {}
    for task in tasks(server.process.pid):
        name = (read(f"/proc/{server.process.pid}/task/{task}/comm") or "").strip()
        text = read(f"/proc/{server.process.pid}/task/{task}/schedstat")
        if text:
            kind = "loop" if name.startswith("NIO-") else "record" if name == "weir-record" else "other"
            found[task] = (kind, int(text.split()[0]))
    return found


def small(options, server):
    return traffic.wrk(server.port, SMALL_CONNECTIONS, options.seconds, "reading: small")["requests"]


def streams(options, peer, server):
    load = [peer, "load", "--port", str(server.port), "--path", traffic.PATH, "--agent", "--first-bytes", "1000",
            "--last-bytes", "1200", "--conversations", "64", "--turns", "2", "--events", "300"]
    return traffic.run_tool(load + ["--deadline", "60"], 90, "reading: streams")["answered"]


def conversations(options, peer, server):
    load = [peer, "load", "--port", str(server.port), "--path", traffic.PATH, "--agent", "--first-bytes",
            str(agent.FIRST_BYTES), "--last-bytes", str(agent.LAST_BYTES), "--conversations",
            str(options.conversations), "--turns", str(options.turns), "--events", str(options.events)]
    expected = options.turns * (options.events * agent.INTERVAL_US / 1e6 + 2) + 120
    return traffic.run_tool(load + ["--deadline", str(int(expected))], expected + 30, "reading: agent")["answered"]


def render(options, chosen, loads, samples):
    lines = []
    for name in loads:
        for row in chosen:
            of, yardstick = samples[name, row.key], samples[name, WITHOUT]
            lines.append([
                f"{name}, {row.title}", number(median([sample.cpu for sample in of])),
                spread_of_ratios([sample.cpu for sample in of], [sample.cpu for sample in yardstick]),
                number(median([sample.loops for sample in of])),
                spread_of_ratios([sample.loops for sample in of], [sample.loops for sample in yardstick]),
                number(median([sample.record for sample in of])),
            ])
    return "\n\n".join([
        "## reading: every exchange read by its dialect",
        f"Both rows write journal and session files; (a) is a build of {options.before or BEFORE}, which reads nothing of "
        f"them. CPU µs an exchange until the record was written; of them on event loops, and on the thread that reads "
        f"behind the journal. {options.rounds} rounds, medians; ratios to (a) round by round. small: a chat request of "
        f"230 bytes and an answer of 582, {SMALL_CONNECTIONS} connections, {options.seconds} s; streams: 64 at a time, "
        f"300 events each, one every {EVENT_INTERVAL_US // 1000} ms; agent: {options.conversations} conversations, "
        f"{options.turns} turns, requests from {agent.FIRST_BYTES // 1000} to {agent.LAST_BYTES // 1000} kB, "
        f"{options.events} events.",
        table(["load, row", "CPU µs", "× (a)", "loops µs", "× (a)", "record µs"], lines)])
