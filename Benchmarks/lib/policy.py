"""The table `policy`: what routes, keys, header rules, access lists and the request log cost a small exchange."""

import collections
import dataclasses
import os

from . import before, forward, policy_configuration, rows, traffic
from .failure import Failure
from .machine import first_line, print_progress
from .processes import Workplace
from .report import median, number, spread_of_ratios, table

BEFORE, PLAIN, CONFIGURED, LOGGED = "before", "plain", "configured", "logged"
TITLES = {
    BEFORE: "(a) Weir before the policy",
    PLAIN: "(b) Weir",
    CONFIGURED: "(c) Weir, 20 routes",
    LOGGED: "(d) Weir, 20 routes, request log",
}


@dataclasses.dataclass
class PolicyRow(rows.Row):
    """A Weir that does not record, with a configuration of its own or none."""

    @property
    def title(self):
        return TITLES[self.key]

    @property
    def is_weir(self):
        return True

    @property
    def arguments(self):
        return ["--no-recording"]

    @property
    def has_policy(self):
        return self.key in (CONFIGURED, LOGGED)

    @property
    def logs_requests(self):
        return self.key == LOGGED

    def configured(self, directory, upstream):
        if not self.has_policy:
            return super().configured(directory, upstream)
        configuration = policy_configuration.configuration(upstream, self.logs_requests)
        return ["--config", rows.write_configuration(directory, configuration)]


def choose(keys, options):
    """The rows named by `keys`; the earlier Weir is built where one of them needs it."""
    if not options.weir:
        raise Failure("policy: there is no Weir to compare; build it, or name it with --weir")
    unknown = [key for key in keys if key not in TITLES]
    if unknown:
        raise Failure(f"policy: no row '{unknown[0]}'; there are {', '.join(TITLES)}")
    chosen = []
    for key in keys:
        row = PolicyRow(key, weir=options.weir, weir_arguments=tuple(options.weir_argument))
        if key == BEFORE:
            row.weir = before.binary(options)
            before.require_same_build(options.weir, row.weir)
        row.call = policy_configuration.ROUTED if row.has_policy else policy_configuration.PLAIN
        row.output = os.devnull if row.logs_requests else None
        chosen.append(row)
    return chosen


def run(options, problems):
    """Measures, and returns Markdown. Failed checks are added to `problems`."""
    chosen = choose(options.rows or list(TITLES), options)
    cells = collections.defaultdict(list)
    with Workplace(options.work_dir, options.keep) as workplace:
        upstream = traffic.Upstream(workplace, options.descriptors)
        for row in chosen:
            policy_configuration.verify(row, workplace, problems)
        for number_of_round in range(options.rounds):
            print_progress(f"policy: round {number_of_round + 1} of {options.rounds}")
            forward.one_round(options, chosen, number_of_round, workplace, upstream, cells, problems)
    return render(options, chosen, cells)


def render(options, chosen, cells):
    parts = [
        "## policy: the same exchange through 20 routes with keys, header rules and access lists",
        f"Requests and answers as in `forward`, with three more header fields; interleaved rounds: {options.rounds}, "
        f"the numbers are their medians; {options.seconds} s a cell. Ratios to (a): median of the rounds' ratios "
        "(lowest–highest). Nothing is recorded. (a) and (b) have one upstream and no policy. (c): 20 routes, of which "
        "the request's is the eleventh, 50 keys, of which the request's is the 26th and for three routes alone, three "
        "header fields to drop for all routes and two for each, two to set, forced on every other route and on this "
        "one, five blocks of addresses denied and six allowed; of the request, the credential and one field are "
        "replaced, two fields dropped, one added. (d) is (c) with a line an exchange, to /dev/null. Weir writes these "
        "lines by default: (b) and (c) have them off (`log_requests: false`), (a) cannot write any.",
        "\n".join(f"- {row.title}: {version(row.weir)}" for row in chosen if row.key in (BEFORE, PLAIN)),
    ]
    if BEFORE in (row.key for row in chosen):
        parts += ["### CPU an exchange, by that of (a)", ratios(options, chosen, cells)]
    for connections in options.connections:
        parts += [f"### {connections} connection{'s' if connections > 1 else ''}",
                  one_table(chosen, {key: value for (count, key), value in cells.items() if count == connections})]
    return "\n\n".join(part for part in parts if part)


def version(weir):
    return f"{first_line([weir, '--version'], r'(.+)') or 'unnumbered'}, binary {os.path.getsize(weir) / 1e6:.1f} MB"


def cpu(of):
    return [cell.cpu for cell in of]


def ratios(options, chosen, cells):
    """The table that the budget is read from."""
    lines = []
    for row in chosen:
        if row.key != BEFORE:
            lines.append([row.title] + [
                spread_of_ratios(cpu(cells[count, row.key]), cpu(cells[count, BEFORE]))
                for count in options.connections])
    return table(["row"] + [f"{count} connection{'s' if count > 1 else ''}" for count in options.connections], lines)


def one_table(chosen, cells):
    yardstick = cells.get(BEFORE, [])
    lines = []
    for row in chosen:
        of = cells[row.key]
        lines.append([
            row.title,
            number(median([cell.per_second for cell in of]), 0),
            spread_of_ratios([cell.per_second for cell in of], [cell.per_second for cell in yardstick]),
            number(median([cell.p50 for cell in of]), 0),
            number(median([cell.p99 for cell in of]), 0),
            number(median(cpu(of))),
            spread_of_ratios(cpu(of), cpu(yardstick)),
        ])
    return table(["row", "requests/s", "× (a)", "p50 µs", "p99 µs", "CPU µs", "× (a)"], lines)
