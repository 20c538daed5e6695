"""The command `profile`: where Weir's CPU time goes under load."""

import os
import subprocess

from . import policy, rows, traffic
from .failure import Failure
from .machine import find, print_progress
from .processes import Workplace


def run(options, problems):
    """Samples Weir under load with perf, and returns the top of the flat profile as Markdown."""
    if not find("perf"):
        raise Failure("profile: there is no perf; on Debian it comes with the package linux-perf")
    if not options.weir:
        raise Failure("profile: there is no Weir to look at; build it, or name it with --weir")
    row = (policy if options.profile_row in policy.TITLES else rows).choose([options.profile_row], options)[0]
    connections = options.connections[-1]
    print_progress(f"profile: {row.title}, {connections} connections, {options.seconds} s")
    with Workplace(options.work_dir, options.keep) as workplace:
        upstream = traffic.Upstream(workplace, options.descriptors)
        server = row.start(workplace, upstream.port)
        traffic.verify_answer(server.port, row.title, row.call)
        traffic.wrk(server.port, connections, 1, row.title, row.call)
        data = os.path.join(workplace.path, "perf.data")
        recorder = subprocess.Popen(
            [find("perf"), "record", "-q", "-F", "2999", "-g", "-o", data, "-p", str(server.process.pid), "--",
             "sleep", str(options.seconds)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            found = traffic.wrk(server.port, connections, options.seconds + 1, row.title, row.call)
            _, complaint = recorder.communicate(timeout=60)
        finally:
            recorder.kill()
            recorder.wait()
        if recorder.returncode != 0:
            raise Failure(f"profile: perf record ended with {recorder.returncode}: {complaint.strip()}")
        flat = subprocess.run(
            [find("perf"), "report", "--stdio", "--no-children", "-g", "none", "--percent-limit", "0.4", "-F",
             "overhead,dso,symbol", "-i", data], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            timeout=300).stdout
        workplace.end(server)
    lines = [line.rstrip() for line in flat.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise Failure("profile: perf has no samples; the kernel may not let it (kernel.perf_event_paranoid)")
    demangled = demangle("\n".join(line[:400] for line in lines[:50]))
    return "\n\n".join([
        f"## profile: {row.title}, {connections} connections, {found['requests'] / (found['duration_us'] / 1e6):,.0f} "
        "requests/s", f"```\n{demangled}\n```"])


def demangle(text):
    """Swift's symbols in words, where the toolchain has its demangler."""
    if not find("swift-demangle"):
        return text
    return subprocess.run(
        [find("swift-demangle"), "--simplified"], input=text, stdout=subprocess.PIPE, text=True,
        timeout=60).stdout.rstrip()
