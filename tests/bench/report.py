"""The table of the bench, for people and for README.md, with the machine it speaks of."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import time

from site_of_bench import Noise, machine

LOADED = 0.1  # share of the processors that others may take before ratios mean little


def first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found.group(1).strip() if found else "unknown"


def version_of(package):
    return subprocess.run(["pkg-config", "--modversion", package], capture_output=True,
                          text=True).stdout.strip() or "unknown"


def disk_of(folder):
    said = subprocess.run(["findmnt", "-n", "-o", "SOURCE,FSTYPE", "-T", folder],
                          capture_output=True, text=True).stdout.split()
    source, kind = said if len(said) == 2 else ("unknown", "unknown")
    device = re.sub(r"p?\d+$", "", pathlib.Path(source).name)
    flag = pathlib.Path(f"/sys/block/{device}/queue/rotational")
    said = f", rotational {flag.read_text().strip()}" if flag.exists() else ""
    return f"{kind} on {source}{said}"


def git_version():
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True,
                          text=True)
    return said.stdout.strip() or "unknown"


class Before:
    """The machine, looked at for a moment before anything was started."""

    def __init__(self, folder):
        (busy, stolen), start = machine(), time.monotonic()
        time.sleep(1)
        (busy_after, stolen_after), wall = machine(), time.monotonic() - start
        self.busy = (busy_after - busy) / wall / os.cpu_count()
        self.stolen = (stolen_after - stolen) / wall / os.cpu_count()
        self.load = os.getloadavg()
        self.folder = folder
        self.started = datetime.datetime.now().astimezone()

    def warning(self):
        if self.busy < LOADED and self.stolen < LOADED / 2:
            return ""
        return (f"bench: others use {self.busy:.0%} of this machine's processors, its host takes "
                f"{self.stolen:.0%}: these ratios will mean little\n")

    def lines(self, quick):
        cpu = first(r"^model name\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text())
        redis = first(r"v=(\S+)", subprocess.run(["redis-server", "--version"],
                                                 capture_output=True, text=True).stdout)
        share = statistics.median(Noise.shares) if Noise.shares else 0
        stolen = statistics.median(Noise.stolen) if Noise.stolen else 0
        noise = (f"others used {share:.0%} of the processors during the median run "
                 f"(most: {max(Noise.shares, default=0):.0%}), the host took {stolen:.0%}; "
                 f"load average before: {self.load[0]:.1f}")
        rewrites = (f"in {Noise.rewrites} of {len(Noise.shares)} runs" if Noise.rewrites
                    else "in no run")
        return [
            ("measured", f"{self.started:%Y-%m-%d %H:%M %Z}, version {git_version()}, "
                         f"scripts/bench{' --quick' if quick else ''}"),
            ("machine", f"{os.cpu_count()} x {cpu}, kernel {platform.release()}, "
                        f"{disk_of(self.folder)}"),
            ("versions", f"redis-server {redis}, libzmq {version_of('libzmq')}, czmq "
                         f"{version_of('libczmq')}, hiredis {version_of('hiredis')}"),
            ("settings", "deploy/redis/redis.conf (appendonly yes, appendfsync always), unix "
                         "sockets and ipc, one copy of each service, petition of 1,030 bytes"),
            ("rewrite", f"the append-only file was rewritten {rewrites}"),
            ("noise", noise + (". TOO LOUD: the ratios mean little" if share > LOADED else "")),
        ]


def before(folder):
    return Before(folder)


def number(value, digits):
    return f"{value:,.{digits}f}"


def cells(row):
    goal = "" if not row.goal else (
        f"{'≥' if row.goal[0] == '>=' else '≤'} {row.goal[1]:,g}{'' if row.met else ' (missed)'}")
    each = " ".join(number(value, row.digits) for value in row.each)
    return row.what, f"{number(row.value, row.digits)} {row.unit}".strip(), goal, each


def markdown(rows, lines):
    print("| | median | goal | runs |\n|---|---:|---:|---|")
    for row in rows:
        print("| " + " | ".join(cells(row)) + " |")
    print()
    for name, text in lines:
        print(f"- {name}: {text}")


def plain(rows, lines):
    for name, text in lines:
        print(f"{name + ':':<10}{text}")
    print()
    table = [("", "median", "goal", "runs"), *map(cells, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(3)]
    for what, value, goal, each in table:
        print(f"{what:<{widths[0]}}  {value:>{widths[1]}}  {goal:<{widths[2]}}  {each}".rstrip())


def show(rows, faults, first_look, args):
    (markdown if args.markdown else plain)(rows, first_look.lines(args.quick))
    for fault in faults:
        print(f"\nfault: {fault}")
