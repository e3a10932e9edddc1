"""What the bench measures. Each measure is a function of a plan (how much, how often) that gives
rows for the table."""

import dataclasses
import os
import re
import statistics
import subprocess
import sys
import time

import harness
import petitions
from site_of_bench import Failed, Site, rss_mb

median = statistics.median
WINDOW = 1024          # petitions without a receipt, at full load
HEAVY_WORK_US = 500    # of classification, when its copies are compared


@dataclasses.dataclass
class Plan:
    folder: str        # on the disk that is measured
    runs: int
    count: int         # petitions of a run at full load
    few: int           # of a run one at a time
    paced_s: int       # of a run at half load
    memory: int        # cases whose memory is measured
    small: int         # cases in Redis, for growth
    large: int


@dataclasses.dataclass
class Row:
    """A line of the table. `goal` is (">=" or "<=", value), or None for what has none."""
    what: str
    value: float
    unit: str = ""
    goal: tuple = None
    each: tuple = ()   # the runs
    digits: int = 2
    note: str = ""

    @property
    def met(self):
        if not self.goal:
            return True
        return self.value >= self.goal[1] if self.goal[0] == ">=" else self.value <= self.goal[1]

    @property
    def bad(self):
        """A ratio that is worse than half its goal. Seconds and bytes belong to a machine: told only."""
        if not self.goal or self.unit:
            return False
        sense, goal = self.goal
        return self.value < goal / 2 if sense == ">=" else self.value > goal * 2


def tell(text):
    print(text, file=sys.stderr, flush=True)


def of_runs(what, each, **more):
    """A row whose value is the median of its runs."""
    return Row(what, median(each), each=tuple(each), **more)


# --- the reference must write what the services write

def sizes(client, case):
    """What a case is in Redis: the fields of its record, and bytes by kind of key."""
    record = client.hgetall(f"{{p00}}c:{case}")
    journal = client.lrange(f"{{p00}}j:{case}", 0, -1)
    return {"fields": sorted(name.decode() for name in record),
            "record": sum(len(name) + len(value) for name, value in record.items()),
            "journal": sum(map(len, journal)), "entries": len(journal),
            "body": client.strlen(f"{{p00}}b:{case}")}


def last_case(site):
    """The case that changed last."""
    (_, fields), = site.redis.client.xrevrange("{p00}feed", count=1)
    return fields[b"c"].split(b"\n")[-1].split()[0].decode()


def compare(reference, real):
    """Says both; stops when the reference has become another workload than the services have."""
    for kind in ("record", "journal", "body"):
        tell(f"  bytes of {kind}: reference {reference[kind]}, services {real[kind]}")
        if abs(reference[kind] - real[kind]) > 0.05 * real[kind]:
            raise Failed(f"the reference's {kind} is not what the services write: freeze it anew")
    for kind in ("fields", "entries"):
        if reference[kind] != real[kind]:
            raise Failed(f"{kind} of the reference {reference[kind]}, of the services {real[kind]}")


# --- measures

def end_to_end(plan):
    """Submit to assigned through all services, against the bare calls, in turn."""
    reference, real = [], []
    with Site(plan.folder).up() as site:
        site.reference(plan.count // 4), site.load("full", plan.count // 4, WINDOW)  # warm
        for _ in range(plan.runs):
            reference.append(site.reference(plan.count))
            written = sizes(site.redis.client, reference[-1].said["last"])
            real.append(site.load("full", plan.count, WINDOW))
            tell(f"  reference {reference[-1].rate:,.0f}/s, end to end {real[-1].rate:,.0f}/s")
        compare(written, sizes(site.redis.client, last_case(site)))
        half = median([run.rate for run in real]) / 2
        names = sorted(site.services)
        rows = [
            of_runs("end to end / reference", [b.rate / a.rate for a, b in zip(reference, real)],
                    goal=(">=", 0.6)),
            of_runs("reference, bare calls", [run.rate for run in reference], unit="petitions/s",
                    digits=0),
            of_runs("end to end, submit to assigned", [run.rate for run in real],
                    unit="petitions/s", digits=0),
            *cpu_rows(real, names), *aof_rows(reference, real)]
        return rows + half_load(plan, site, half)


def cpu_rows(runs, names):
    rows = [of_runs("CPU per 1,000 petitions, services and Redis",
                    [run.per_thousand() for run in runs], unit="s", goal=("<=", 0.12), digits=3)]
    for name in ["redis", *names]:
        rows.append(of_runs(f"· {name}", [run.per_thousand(name) for run in runs], unit="s",
                            digits=3))
    rows.append(of_runs("· load generator (not counted above)",
                        [run.client_cpu / run.said["petitions"] * 1000 for run in runs],
                        unit="s", digits=3))
    return rows


def aof_rows(reference, real):
    rows = []
    for what, runs in (("reference", reference), ("end to end", real)):
        each = [run.aof_bytes / run.said["petitions"] for run in runs if run.aof_bytes]
        if each:
            rows.append(of_runs(f"append-only file per petition, {what}", each, unit="bytes",
                                digits=0))
    return rows


def half_load(plan, site, rate):
    """Waits at half of the rate just measured, as those feel them who submit at a steady pace."""
    runs = []
    for _ in range(plan.runs):
        runs.append(site.load("paced", int(rate * plan.paced_s), int(rate)).said)
        tell(f"  at {rate:,.0f}/s: receipt {runs[-1]['receipt_us'] / 1000:.1f} ms, assigned "
             f"{runs[-1]['assigned_us'] / 1000:.1f} ms")
    rows = []
    for what, key in (("receipt", "receipt"), ("assigned", "assigned")):
        for part, end in (("median", "_us"), ("99th percentile", "_p99_us")):
            rows.append(of_runs(f"half load ({rate:,.0f}/s), {what}, {part}",
                                [run[key + end] / 1000 for run in runs], unit="ms", digits=1))
    return rows


BLOCKS = 10  # of a run, each with its parts beside it: a disk's mood lasts for seconds


def light_block(site, few):
    """Medians in microseconds: receipt, assigned, round trip, register, assign."""
    trip = site.ping(few * 5)["round_trip_us"]
    calls = site.single(few)
    said = site.load("one", few).said
    return (said["receipt_us"], said["assigned_us"], trip, calls["register_us"],
            calls["assign_us"])


def light(plan):
    """One petition at a time, against what lies on its way: to the receipt one round trip and one
    synced call; to the owner three messages one way (half a round trip each) and two calls."""
    ratios, times = [], []
    with Site(plan.folder).up() as site:
        light_block(site, 50)
        for _ in range(plan.runs):
            blocks = [light_block(site, plan.few // BLOCKS) for _ in range(BLOCKS)]
            ratios.append((
                median([receipt / (trip + register) for receipt, _, trip, register, _ in blocks]),
                median([assigned / (1.5 * trip + register + assign)
                        for _, assigned, trip, register, assign in blocks])))
            times.append([median(column) for column in zip(*blocks)])
            tell("  receipt %d us, assigned %d; round trip %d, register %d, assign %d" %
                 tuple(times[-1]))
    names = ("receipt", "assigned", "part: ZeroMQ round trip", "part: register, synced",
             "part: assign, synced")
    return [of_runs("light load, receipt / its parts", [one[0] for one in ratios],
                    goal=("<=", 1.5)),
            of_runs("light load, assigned / its parts", [one[1] for one in ratios],
                    goal=("<=", 1.5)),
            *(of_runs(f"light load, {name}", [one[i] for one in times], unit="us", digits=0)
              for i, name in enumerate(names))]


def used_memory(site):
    """Bytes of data: without what connections and the append-only file hold for a moment."""
    info = site.info("memory")
    return info["used_memory"] - info["mem_clients_normal"] - info["mem_aof_buffer"]


def memory(plan):
    """Of Redis, per open case; and how fast `daumoi verify` reads them all."""
    with Site(plan.folder).up() as site:
        site.load("full", plan.memory // 10, WINDOW)
        before = used_memory(site)
        site.load("full", plan.memory, WINDOW)
        per_case = (used_memory(site) - before) / plan.memory
        client, case = site.redis.client, last_case(site)
        parts = {what: client.memory_usage(f"{{p00}}{kind}:{case}", samples=0)
                 for what, kind in (("record", "c"), ("journal", "j"), ("sealed body", "b"))}
        rows = [Row("Redis memory per open case", per_case, "bytes", ("<=", 3.2 * 1024), digits=0)]
        rows += [Row(f"· {what}", size, "bytes", digits=0) for what, size in parts.items()]
        rows.append(Row("· indexes, feed, table of keys",
                        per_case - sum(parts.values()), "bytes", digits=0))
        return rows + verify(plan, site)


def verify(plan, site):
    cases = plan.memory + plan.memory // 10
    rates = []
    for _ in range(plan.runs):
        start = time.monotonic()
        done = site.cli("--json", "verify")
        rates.append(cases / (time.monotonic() - start))
        if done.returncode != 0:
            raise Failed(f"daumoi verify: {done.out[-500:]} {done.err[-500:]}")
    tell(f"  verify: {median(rates):,.0f} cases/s")
    return [of_runs("daumoi verify", rates, unit="cases/s", digits=0)]


def resident(plan):
    """Memory of each service after real petitions; classification beside its model's file."""
    with Site(plan.folder).up(work_us=None) as site:
        many = petitions.jsonl(petitions.many(plan.count // 5, prefix="bench"))
        done = site.cli("submit", "--file", "-", stdin=many)
        if done.returncode != 0:
            raise Failed(f"daumoi submit: {done.err[-500:]}")
        site.await_settled()
        model_mb = os.path.getsize(site.environment["DAUMOI_MODEL"]) / 2 ** 20
        rows = []
        for name, process in sorted(site.services.items()):
            mb = rss_mb(process.pid)
            beside = f", beside its model of {model_mb:.1f} MB" if "class" in name else ""
            mb -= model_mb if beside else 0
            rows.append(Row(f"resident memory of {name}{beside}", mb, "MB", ("<=", 40), digits=1))
        return rows


def growth(plan):
    """Throughput with few and with many cases in Redis, in turn. The small one is made anew for
    each run, so that it stays small; the large one grows by a few per cent."""
    few, many = [], []
    with Site(plan.folder).up() as large:
        tell(f"  filling Redis with {plan.large:,} cases")
        large.reference(plan.large)
        large.await_no_rewrite()
        large.load("full", plan.count // 4, WINDOW)
        for _ in range(plan.runs):
            with Site(plan.folder).up() as small:
                small.reference(plan.small)
                small.load("full", plan.count // 4, WINDOW)
                few.append(small.load("full", plan.count // 2, WINDOW).rate)
            many.append(large.load("full", plan.count // 2, WINDOW).rate)
            tell(f"  {few[-1]:,.0f}/s with few, {many[-1]:,.0f}/s with many")
    return [of_runs(f"end to end with {plan.large:,} cases / with {plan.small:,}",
                    [b / a for a, b in zip(few, many)], goal=(">=", 0.85)),
            of_runs(f"end to end with {plan.small:,} cases", few, unit="petitions/s", digits=0),
            of_runs(f"end to end with {plan.large:,} cases", many, unit="petitions/s", digits=0)]


def copies(plan):
    """More copies of a slow classification, until the processors are used: the best that k copies
    can do is k times one copy, or what the machine's processors can do at one copy's cost."""
    rates, cost_s, rows = {}, 0, []
    cores = os.cpu_count()
    with Site(plan.folder).up(work_us=HEAVY_WORK_US) as site:
        for number in [k for k in (1, 2, 4) if k <= max(2, cores)]:
            while len(site.copies("classification")) < number:
                site.await_ready(site.add_classification(HEAVY_WORK_US))
            site.load("full", plan.count // 10, WINDOW)
            runs = [site.load("full", plan.count // 5, WINDOW) for _ in range(plan.runs)]
            rates[number] = [run.rate for run in runs]
            cost_s = cost_s or median([(run.per_thousand() + run.client_cpu /
                                        run.said["petitions"] * 1000) / 1000 for run in runs])
            best = min(number * median(rates[1]), max(cores / cost_s, median(rates[1])))
            tell(f"  {number} copies: {median(rates[number]):,.0f}/s of {best:,.0f}/s")
            rows.append(of_runs(f"{number} x classification of {HEAVY_WORK_US} us",
                                rates[number], unit="petitions/s", digits=0))
            if number > 1:
                rows.append(of_runs(f"· of what {number} copies and {cores} cores could do",
                                    [rate / best for rate in rates[number]], goal=(">=", 0.8)))
    return rows


def classify(plan):
    """The real classification alone: what one core reads, of texts of all sizes and of about
    1 KB."""
    program = harness.BIN / "daumoi-train"
    each, found = {}, re.compile(r"^(texts of .*?): (\d+) texts/s and core", re.M)
    for _ in range(plan.runs):
        said = subprocess.run(
            [program, "speed", harness.ROOT / "services/classification/training",
             harness.ROOT / "services/classification/model.bin", harness.PROFILE],
            capture_output=True, text=True, check=True).stdout
        for what, rate in found.findall(said):
            each.setdefault(what, []).append(float(rate))
    if not each:
        raise Failed("daumoi-train speed says nothing that can be read")
    return [of_runs(f"classification, {what}", rates, unit="texts/s and core", digits=0)
            for what, rates in each.items()]

