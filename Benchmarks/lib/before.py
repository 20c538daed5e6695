"""An earlier Weir to compare with, built from its commit as a release is."""

import os
import subprocess

from . import rows
from .failure import Failure
from .machine import print_progress

# The last commit before there were routes, keys and a header policy.
DEFAULT = "73a05c0"
ROOT = os.path.dirname(rows.BENCHMARKS)
BUILD = ["swift", "build", "-c", "release", "--product", "weir", "--static-swift-stdlib", "-Xswiftc",
         "-enforce-exclusivity=unchecked"]


def binary(options, default=DEFAULT):
    """The path of the earlier binary: the one that is named, else that of the commit, built when it is not there."""
    wanted = options.before or default
    if options.weir_before:
        path = os.path.abspath(options.weir_before)
        if not os.access(path, os.X_OK):
            raise Failure(f"no binary at {path}: correct --weir-before, or leave it out to build {wanted}")
        return path
    commit = git("rev-parse", "--verify", "--quiet", wanted + "^{commit}")
    tree = os.path.join(rows.BENCHMARKS, ".build", f"before-{commit[:12]}")
    # Without a .git of its own, git would answer for the tree around it.
    if not os.path.exists(os.path.join(tree, ".git")):
        git("worktree", "prune")
        git("worktree", "add", "--detach", tree, commit)
    print_progress(f"building Weir as of {wanted}; the first time takes some minutes")
    run([*BUILD, "--package-path", tree], f"Weir as of {wanted} does not build", 3600)
    return os.path.join(tree, ".build", "release", "weir")


def git(*arguments):
    return run(["git", "-C", ROOT, *arguments],
               "the earlier Weir cannot be had from git: correct --before, fetch the commit, or use --weir-before", 120)


def run(command, what, seconds):
    try:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
            timeout=seconds).stdout.strip()
    except FileNotFoundError:
        raise Failure(f"{what}: no {command[0]} in PATH") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{what}: no end after {seconds} s") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"{what}: {command[0]} ended with {error.returncode}\n{error.stdout[-4000:]}") from None


def require_same_build(weir, earlier):
    """Fails where one binary has Swift's libraries in it and the other has not: their cost would be compared."""
    linked = {path: run(["ldd", path], f"{path} cannot be looked at", 30).count("libswift") > 0
              for path in (weir, earlier)}
    if linked[weir] != linked[earlier]:
        raise Failure(f"{weir} and {earlier} are built with different options; build both with "
                      f"`{' '.join(BUILD)}`")
