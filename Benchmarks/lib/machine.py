"""What the benchmarks run on, and the Debian packages they need."""

import datetime
import os
import platform
import re
import resource
import shutil
import subprocess
import sys

from .failure import Failure

POLICY = "/usr/sbin/policy-rc.d"


def install(programs, allowed=True):
    """Installs the Debian packages of `programs` ({program: package}) that are missing."""
    packages = sorted({package for program, package in programs.items() if not find(program)})
    if not packages:
        return
    if not allowed:
        raise Failure(f"missing: {' '.join(packages)}; install them, or run without --no-install")
    if not shutil.which("apt-get"):
        raise Failure(f"missing: {' '.join(packages)}; this system has no apt-get, install them by hand")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    print_progress(f"installing {' '.join(packages)}")
    # Debian starts a server when it is installed unless this file says no; the benchmarks start their own.
    policy_is_ours = not os.path.lexists(POLICY)
    if policy_is_ours:
        script = "#!/bin/sh\nexit 101\n"
        subprocess.run([*sudo, "tee", POLICY], input=script.encode(), stdout=subprocess.DEVNULL, check=True)
        subprocess.run([*sudo, "chmod", "755", POLICY], check=True)
    try:
        command = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*command, "update"], stdout=subprocess.DEVNULL, check=True)
        subprocess.run(
            [*command, "install", "-y", "--no-install-recommends", *packages], stdout=subprocess.DEVNULL, check=True)
    except subprocess.CalledProcessError as error:
        raise Failure(f"{' '.join(packages)} could not be installed: apt-get ended with {error.returncode}") from None
    finally:
        if policy_is_ours:
            subprocess.run([*sudo, "rm", "-f", POLICY], check=True)
    still_missing = [program for program in programs if not find(program)]
    if still_missing:
        raise Failure(f"installed {' '.join(packages)}, but still no {' '.join(still_missing)}")


def find(program):
    """The path of a program, also where only the administrator's PATH leads."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")


def raise_descriptor_limit(needed):
    """Raises the limit of open files as far as it goes, and says so when that is not enough. Returns the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1_048_576
    if hard < needed and os.geteuid() == 0:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
            return needed
        except (ValueError, OSError):
            pass
    if hard < needed:
        raise Failure(
            f"{needed} open files are needed, the hard limit is {hard}: raise it, or ask for fewer streams")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def require_disk(directory, needed):
    """Fails when the file system of `directory` has less than `needed` bytes free."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise Failure(
            f"{directory} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed: choose another --work-dir")


def describe(weir):
    """A Markdown list of date, machine and versions."""
    cpu = "unknown processor"
    with open("/proc/cpuinfo") as file:
        match = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
        if match:
            cpu = match.group(1)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    lines = [
        f"- date: {datetime.datetime.now().astimezone().isoformat(timespec='seconds')}",
        f"- machine: {cpu}, {os.cpu_count()} cores (shared by load generator, proxy and upstream), {memory:.0f} GiB",
        f"- load average at the start: {load}",
        f"- system: {distribution()}, Linux {platform.release()}",
    ]
    lines += [f"- {name}: {version}" for name, version in versions(weir) if version]
    return "\n".join(lines)


def distribution():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"


def versions(weir):
    yield "nginx", first_line(["nginx", "-v"], r"nginx/(\S+)")
    yield "HAProxy", first_line(["haproxy", "-v"], r"version (\S+)")
    yield "wrk", first_line(["wrk", "-v"], r"wrk (\S+)")
    if weir:
        commit = first_line(["git", "-C", os.path.dirname(__file__), "rev-parse", "--short", "HEAD"], r"(\w+)")
        size = os.path.getsize(weir) / 1e6
        version = first_line([weir, "--version"], r"(\S.*)")
        yield "Weir", f"{version or 'unnumbered'}, commit {commit or 'unknown'}, binary {size:.1f} MB"


def first_line(command, pattern):
    """What `pattern` finds in the output of `command`, None when there is no such program or it says no such thing."""
    path = command[0] if os.path.sep in command[0] else find(command[0])
    if not path:
        return None
    try:
        result = subprocess.run(
            [path, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if result.returncode not in (0, 1):
        return None
    match = re.search(pattern, result.stdout)
    return match.group(1) if match else None


def print_progress(message):
    print(f"# {message}", file=sys.stderr, flush=True)
