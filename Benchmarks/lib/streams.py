"""The tables `streams`: many slow event streams, and fewer fast ones."""

import dataclasses
import json
import subprocess
import threading
import time

from . import rows, sessions, traffic
from .failure import Failure
from .machine import print_progress
from .processes import Workplace, cpu_between, cpu_clock
from .report import median, number, spread_of_ratios, table

DEFAULT_ROWS = ["nginx", rows.WEIR_OFF, rows.WEIR_SESSIONS]
EVENT_BYTES = 160
WARM_UP = 8


@dataclasses.dataclass
class Shape:
    streams: int
    per_second: int

    @property
    def interval_us(self):
        return 1_000_000 // self.per_second


@dataclasses.dataclass
class Sample:
    """What one run of one row brought."""

    cpu: float
    p50: float
    p99: float
    highest: float
    lost: int
    memory: float = 0.0
    cpu_drained: float = 0.0
    tool_cpu: float = 0.0


def run(options, problems):
    """Measures, and returns Markdown. Failed checks are added to `problems`."""
    chosen = rows.choose(options.rows or DEFAULT_ROWS, options, options.streaming_peer)
    peer = traffic.stream_peer(options)
    parts = [
        "## streams: server-sent events",
        f"{options.stream_seconds} s with all streams live, {options.stream_rounds} round"
        f"{'s' if options.stream_rounds > 1 else ''} (medians), a fresh proxy each; events of {EVENT_BYTES} bytes in "
        "a chunk of their own, the streams dealt evenly over the interval. Memory: the highest Pss of the proxy's "
        "processes with all streams live, above that before they opened, by streams. CPU: user and system time of the "
        "proxy while all are live, by events; *drained*: from the first stream to the record's last byte, by all "
        "events. Added latency: quantiles from the upstream's write to the client's read, less those without a proxy. "
        "Lost: every event has its number; any loss fails the run.",
    ]
    for shape in (Shape(options.slow_streams, 1), Shape(options.fast_streams, 100)):
        parts.append(one_table(options, shape, chosen, peer, problems))
    return "\n\n".join(parts)


def one_table(options, shape, chosen, peer, problems):
    samples = {None: []} | {row.key: [] for row in chosen}
    for number_of_round in range(options.stream_rounds):
        shift = number_of_round % len(chosen)
        for row in [None] + chosen[shift:] + chosen[:shift]:
            title = row.title if row else "direct"
            print_progress(f"streams: {shape.streams} × {shape.per_second}/s, {title}, round {number_of_round + 1}")
            with Workplace(options.work_dir, options.keep) as workplace:
                samples[row.key if row else None].append(measure(options, shape, row, peer, workplace, problems))
    return render(shape, chosen, samples)


def measure(options, shape, row, peer, workplace, problems):
    upstream = traffic.event_upstream(workplace, peer, shape.interval_us)
    server = upstream
    if row:
        server = row.start(workplace, upstream.port, buffering="off")
        # Some streams beforehand: what a proxy allocates once, whatever it serves, is not a stream's memory.
        watch(peer, server.port, Shape(WARM_UP, shape.per_second), 1, 3 * shape.per_second, f"{row.title}, warm-up")
    title = f"{row.title if row else 'direct'}, {shape.streams} streams"
    events = shape.per_second * (options.stream_seconds + options.stream_slack)
    memory_before, clock_before = server.memory(), server.clock()
    found = watch(peer, server.port, shape, options.stream_seconds, events, title, server)
    sample = Sample(
        cpu=cpu_between(found["opened"], found["closed"]) / 1000 / found["timed_events"], p50=found["p50_us"],
        p99=found["p99_us"], highest=found["max_us"], lost=found["lost"])
    if row:
        sample.memory = (found["memory"] - memory_before) / shape.streams
        drained = rows.wait_until_drained(server) if row.records else server.clock()
        sample.cpu_drained = cpu_between(clock_before, drained) / 1000 / found["arrived"]
    else:
        sample.tool_cpu = found["tool_cpu"]
    if found["lost"] or found["broken"]:
        problems.append(f"streams: {title}: {found['lost']} events lost, {found['broken']} streams broken off: "
                        f"{found['fault']}")
    if row and row.records:
        rows.note_losses(server, problems)
        if row.key == rows.WEIR_SESSIONS:
            outcomes, _ = sessions.stop_and_count(server, problems)
            if outcomes != {"completed": shape.streams + WARM_UP}:
                problems.append(f"streams: {title}: the session files hold {dict(outcomes)}, "
                                f"{shape.streams + WARM_UP} completed are due")
    return sample


def watch(peer, port, shape, seconds, events, title, server=None):
    """Runs the client. With a server, samples it: its clock when the window opens and closes, its memory in between.

    Returns the client's findings with `opened`, `closed` (clock readings), `memory` (bytes), `timed_events`.
    """
    deadline = events // shape.per_second + 60
    command = [
        peer, "watch", "--port", str(port), "--streams", str(shape.streams), "--events", str(events), "--seconds",
        str(seconds), "--path", traffic.PATH, "--deadline", str(deadline)]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # The client ends itself at its deadline; this is for a client that hangs.
    watchdog = threading.Timer(deadline + 30, client.kill)
    watchdog.start()
    try:
        lines = read_lines(client, seconds, server)
        fault = client.stderr.read().strip()
        client.wait()
    finally:
        watchdog.cancel()
        client.kill()
        client.wait()
    if len(lines) < 3:
        raise Failure(f"{title}: the client broke off: {fault}")
    return lines[2] | {
        "fault": fault, "timed_events": lines[1]["events"] - lines[0]["events"], "memory": lines[1].get("memory", 0),
        "opened": lines[0].get("clock"), "closed": lines[1].get("clock"), "tool_cpu": lines[1].get("tool_cpu", 0)}


def read_lines(client, seconds, server):
    """The client's lines as they come, each with what the server says at that moment."""
    lines = []
    for text in client.stdout:
        line = json.loads(text)
        lines.append(line)
        if server is None or len(lines) > 2:
            continue
        line["clock"] = server.clock()
        line["tool"] = cpu_clock(client.pid)
        if len(lines) == 1:
            memory = [server.memory()]
            # Reading memory costs the kernel time, and holds up the process: twice in a run will do.
            time.sleep(max(0.2, seconds * 0.8))
            memory.append(server.memory())
        else:
            line["memory"] = max(memory)
            line["tool_cpu"] = (line["tool"] - lines[0]["tool"]) / 1000 / (line["events"] - lines[0]["events"])
    return lines


def render(shape, chosen, samples):
    direct = samples[None]
    yardstick = samples.get("nginx", [])
    lines = []
    for row in chosen:
        of = samples[row.key]
        lines.append([
            row.title,
            number(median([sample.memory for sample in of]) / 1024),
            number(median([sample.cpu for sample in of])),
            spread_of_ratios([sample.cpu for sample in of], [sample.cpu for sample in yardstick]),
            number(median([sample.cpu_drained for sample in of])),
            spread_of_ratios([sample.cpu_drained for sample in of], [sample.cpu_drained for sample in yardstick]),
            number(median([sample.p50 - alone.p50 for sample, alone in zip(of, direct)]), 0),
            number(median([sample.p99 - alone.p99 for sample, alone in zip(of, direct)]), 0),
            number(max(sample.highest for sample in of), 0),
            str(sum(sample.lost for sample in of)),
        ])
    headers = ["row", "KiB a stream", "CPU µs an event", "× nginx", "CPU µs drained", "× nginx", "added p50 µs",
               "added p99 µs", "longest µs", "lost events"]
    alone = (f"Without a proxy: p50 {number(median([sample.p50 for sample in direct]), 0)} µs, "
             f"p99 {number(median([sample.p99 for sample in direct]), 0)} µs, longest "
             f"{number(max(sample.highest for sample in direct), 0)} µs; an event costs the upstream "
             f"{number(median([sample.cpu for sample in direct]))} µs and the client "
             f"{number(median([sample.tool_cpu for sample in direct]))} µs of CPU.")
    return "\n\n".join([f"### {shape.streams:,} streams, {shape.per_second} event"
                        f"{'s' if shape.per_second > 1 else ''} a second each", table(headers, lines), alone])
