"""An instance for the bench: Redis on a real disk, services whose work is known, and what a run
costs: processor time by process, what others took from the machine, rewrites of the append-only
file."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import harness

BENCH = harness.BIN.parent / "bench"
CLOCK_HZ = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program of the bench found something wrong: its figures mean nothing."""


def cpu_of(pid):
    """Seconds of processor time of a process, with all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_HZ


def machine():
    """Seconds that the machine's processors were busy, and that its host took away."""
    user, nice, system, _, _, irq, softirq, steal = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq) / CLOCK_HZ, steal / CLOCK_HZ


def rss_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise Failed(f"process {pid} has no memory")


def run_program(name, *words):
    """Runs a program of the bench; returns the object that it prints, and its processor time."""
    command = [str(BENCH / name), *map(str, words)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if child.returncode != 0:
            raise Failed(f"{' '.join(command)}: {err.read().decode(errors='replace').strip()}")
        return json.loads(out.read()), usage.ru_utime + usage.ru_stime


class Noise:
    """What disturbed the runs, over the whole bench."""
    shares, stolen, rewrites = [], [], 0


class Site(harness.Instance):
    """Started by `with`; its folder is gone at the end."""

    def __init__(self, folder):
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="data-", dir=folder))
        super().__init__("bench", redis_folder=self.disk / "redis")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.destroy(failed=kind is not None)
        finally:
            shutil.rmtree(self.disk, ignore_errors=True)

    def up(self, work_us=20, copies=1):
        """Every service; classification with a fixed work, or the real one when work_us is None."""
        self.prepare()
        for service in ("intake", "assignment", "escalation"):
            self.add(service, wait=False)
        for _ in range(copies):
            self.add_classification(work_us)
        self.await_ready()
        return self

    def add_classification(self, work_us):
        """One more copy: the real one when work_us is None."""
        if work_us is None:
            return self.add("classification", wait=False)
        name, port = f"classification-{len(self.copies('classification')) + 1}", self.next_port
        self.next_port += 1
        process = harness.Process(
            name, [BENCH / "fixed_classification", work_us], self.folder / f"{name}.log",
            {**self.environment, "DAUMOI_HTTP": f"{self.host}:{port}"})
        process.http = f"http://{self.host}:{port}"
        self.services[name] = process.start()
        return process

    # --- what is measured

    @property
    def address(self):
        return self.environment["DAUMOI_REDIS"]

    def reference(self, count):
        with Run(self) as run:
            run.take("reference", *run_program("reference", self.address, "batch", count))
        return run

    def load(self, *words):
        intake = next(row["requests"] for row in self.rows() if row["service"] == "intake")
        with Run(self) as run:
            run.take("load", *run_program("load", self.address, intake, *words))
        return run

    def single(self, count):
        return run_program("reference", self.address, "single", count)[0]

    def ping(self, count):
        return run_program("ping", f"ipc://{self.run}/ping", count)[0]

    def info(self, section):
        return self.redis.client.info(section)

    def processes(self):
        """Name -> process id, of Redis and every service."""
        return {"redis": self.redis.pid,
                **{name: process.pid for name, process in self.services.items()}}

    def await_no_rewrite(self):
        """So that a rewrite that a filling began does not disturb what is measured next."""
        harness.wait_until(lambda: not self.info("persistence")["aof_rewrite_in_progress"],
                           "the append-only file is rewritten", 300)


class Run:
    """One run of a client against a site: what it said and what it cost."""

    def __init__(self, site):
        self.site, self.client, self.said, self.client_cpu = site, "", {}, 0.0

    def __enter__(self):
        self.aof = self._aof()
        self.cpu_before = {name: cpu_of(pid) for name, pid in self.site.processes().items()}
        self.machine_before, self.start = machine(), time.monotonic()
        return self

    def take(self, client, said, client_cpu):
        self.client, self.said, self.client_cpu = client, said, client_cpu

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        after, wall = machine(), time.monotonic() - self.start
        self.cpu = {name: cpu_of(pid) - self.cpu_before[name]
                    for name, pid in self.site.processes().items()}
        busy, stolen = (b - a for a, b in zip(self.machine_before, after))
        others = busy - sum(self.cpu.values()) - self.client_cpu
        capacity = wall * os.cpu_count()
        Noise.shares.append(min(1.0, max(0.0, others / capacity)))
        Noise.stolen.append(stolen / capacity)
        before, now = self.aof, self._aof()
        self.rewritten = before[1] or now[1] or before[0] != now[0]
        Noise.rewrites += self.rewritten
        self.aof_bytes = None if self.rewritten else now[2] - before[2]

    def _aof(self):
        info = self.site.info("persistence")
        return info["aof_rewrites"], info["aof_rewrite_in_progress"], info["aof_current_size"]

    @property
    def rate(self):
        return self.said["petitions"] / self.said["seconds"]

    def per_thousand(self, *names):
        """Processor seconds for 1,000 petitions, of these processes (all of the site: none)."""
        spent = sum(self.cpu[name] for name in names or self.cpu)
        return spent / self.said["petitions"] * 1000
