"""Starts, stops and hurts an instance of Đầu Mối: an own Redis and the services as child processes.

Every process is known by its pid and is killed by it at the end. Nothing here waits a fixed time:
`wait_until` looks for a condition.
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import redis

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = ROOT / os.environ.get("DAUMOI_BUILD", "build") / "bin"
PROFILE = ROOT / "deploy/profiles/quang-ninh"
SANITIZED = "san" in BIN.parent.name
PATIENCE_S = 120 if SANITIZED else 60
SERVICES = ("intake", "classification", "assignment", "escalation")


def wait_until(condition, what, seconds=PATIENCE_S):
    """The first true value of condition(); fails when it stays false."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def alive(pid):
    """Neither gone nor a zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Process:
    """A child that dies with us. Its log is appended to, over all its lives."""

    def __init__(self, name, command, log, environment=None):
        self.name, self.command, self.log = name, [str(word) for word in command], log
        self.environment = {**os.environ, **(environment or {})}
        self.child = None

    def start(self):
        assert self.child is None or self.child.poll() is not None, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *self.command], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.environment)
        return self

    @property
    def pid(self):
        return self.child.pid

    def runs(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """As a power cut does it: no time to say good-bye."""
        if self.runs():
            self.child.kill()
        if self.child:
            self.child.wait()

    def freeze(self):
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.child.send_signal(signal.SIGCONT)

    def stop(self, seconds=40):
        """Asks it to end, as an operator does; returns its exit status."""
        if self.runs():
            self.child.send_signal(signal.SIGCONT)
            self.child.terminate()
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} s") from None

    def tail(self, lines=25):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class RedisServer(Process):
    """Redis with the product's own settings, on a unix socket in a short folder."""

    def __init__(self, data, run, log, *options):
        self.data, self.socket = pathlib.Path(data), run / "redis.sock"
        self.data.mkdir(exist_ok=True)
        super().__init__("redis", [
            "redis-server", ROOT / "deploy/redis/redis.conf", "--dir", self.data, "--port", "0",
            "--unixsocket", self.socket, "--unixsocketperm", "700",
            "--aclfile", ROOT / "deploy/redis/local.acl", *options], log)
        self.is_cluster = "--cluster-enabled" in options
        self.client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=60)

    def answers(self):
        try:
            return self.client.ping()
        except (redis.ConnectionError, redis.TimeoutError):  # LOADING is a ConnectionError, too
            return False

    def start(self):
        super().start()
        wait_until(lambda: self.answers() or not self.runs(), "Redis answers")
        assert self.runs(), self.tail()
        if self.is_cluster:
            self._await_cluster()
        return self

    def _await_cluster(self):
        """A cluster of one node with all slots."""
        def state():
            return self.client.execute_command("CLUSTER", "INFO")
        if b"cluster_slots_assigned:0" in state():
            self.client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until(lambda: b"cluster_state:ok" in state(), "the cluster of one node is whole")

    def incr_file(self):
        """The part of the append-only file that is written to."""
        return max(self.data.glob("appendonlydir/*.incr.aof"), key=lambda path: path.name)


class Instance:
    """An own Redis, a data set, and copies of the services, one process each."""

    def __init__(self, name="instance", *, virtual=False, partitions=1, cluster=False, tcp=False,
                 redis_folder=None, settings=None):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dm-", dir="/tmp"))
        self.run = self.folder / "run"
        self.run.mkdir(mode=0o700)
        self.host = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        self.services, self.next_port, self.allowed_deaths = {}, 9101, set()
        self.init_words = (["--virtual"] if virtual else []) + (
            ["--partitions", str(partitions)] if partitions != 1 else [])
        options = ["--cluster-enabled", "yes", "--port", str(random.randint(20000, 30000)),
                   "--bind", self.host] if cluster else []
        self.redis = RedisServer(redis_folder or self.folder / "redis", self.run,
                                 self.folder / "redis.log", *options)
        self.environment = {
            "DAUMOI_REDIS": f"unix:{self.redis.socket}",
            "DAUMOI_RUN": "" if tcp else str(self.run),
            "DAUMOI_PROFILE": str(PROFILE),
            "DAUMOI_VAULT_KEY": str(self.folder / "vault.key"),
            "DAUMOI_MODEL": str(ROOT / "services/classification/model.bin"),
            "DAUMOI_DISK": "",
            **(settings or {}),
        }

    # --- life

    def prepare(self):
        """Redis, vault key and data set; no service yet."""
        self.redis.start()
        self.cli("vault", "create", self.environment["DAUMOI_VAULT_KEY"], check=True)
        self.cli("init", *self.init_words, check=True)
        return self

    def start(self, **copies):
        """prepare, then every service (one copy each unless said), and waits until all are ready."""
        self.prepare()
        for service in SERVICES:
            for _ in range(copies.get(service, 1)):
                self.add(service, wait=False)
        self.await_ready()
        return self

    def add(self, service, wait=True, **settings):
        """One more copy of a service; returns its process."""
        number = 1
        while f"{service}-{number}" in self.services:
            number += 1
        name, port = f"{service}-{number}", self.next_port
        self.next_port += 1
        process = Process(name, [BIN / f"daumoi-{service}"], self.folder / f"{name}.log", {
            **self.environment, "DAUMOI_HTTP": f"{self.host}:{port}", **settings})
        process.http = f"http://{self.host}:{port}"
        self.services[name] = process.start()
        if wait:
            self.await_ready(process)
        return process

    def remove(self, process, kill=False):
        del self.services[process.name]
        if kill:
            process.kill()
        else:
            assert process.stop() == 0, process.tail()

    def copies(self, service):
        return [process for name, process in self.services.items()
                if name.rsplit("-", 1)[0] == service]

    def revive(self):
        """Starts again whatever does not run, as a supervisor does."""
        if not self.redis.runs():
            self.redis.start()
        for process in self.services.values():
            if not process.runs():
                process.start()

    def await_ready(self, *processes):
        for process in processes or self.services.values():
            wait_until(lambda p=process: not p.runs() or not self.missing(p),
                       f"{process.name} is ready")
            assert process.runs(), f"{process.name} ended:\n{process.tail()}"
            address = process.http.removeprefix("http://")
            wait_until(lambda a=address: a in {row.get("http") for row in self.rows()},
                       f"{process.name} is in the registry")

    def stop_services(self):
        """All of them, as an operator does; each must end well."""
        for process in self.services.values():
            if process.runs():
                assert process.stop() == 0, f"{process.name}:\n{process.tail()}"

    def destroy(self, failed=False):
        complaints = []
        for process in self.services.values():
            if process.runs() and not failed:
                try:
                    if process.stop() != 0:
                        complaints.append(f"{process.name} ended badly:\n{process.tail()}")
                except AssertionError as trouble:
                    complaints.append(str(trouble))
            process.kill()
        self.redis.kill()
        for process in self.services.values():
            for mark in ("Sanitizer", "runtime error", "Assertion"):
                if process.log.exists() and mark in process.log.read_text(errors="replace"):
                    complaints.append(f"{process.name} says {mark}:\n{process.tail(60)}")
        shutil.rmtree(self.folder, ignore_errors=True)
        assert failed or not complaints, "\n".join(complaints)

    # --- looking at it

    def missing(self, process):
        """What /readyz says is missing; '' when ready."""
        try:
            with urllib.request.urlopen(f"{process.http}/readyz", timeout=5):
                return ""
        except urllib.error.HTTPError as answer:
            return answer.read().decode() or "not ready"
        except OSError as trouble:
            return str(trouble)

    def metrics(self, process):
        """Name (with labels) -> value."""
        with urllib.request.urlopen(f"{process.http}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in lines if line and not line.startswith("#")}

    def cli(self, *words, stdin=None, check=False, environment=None, timeout=600):
        done = subprocess.run(
            [BIN / "daumoi", *map(str, words)], timeout=timeout, capture_output=True,
            input=stdin.encode() if isinstance(stdin, str) else stdin or b"",
            env={**os.environ, **self.environment, **(environment or {})})
        done.out, done.err = done.stdout.decode(), done.stderr.decode(errors="replace")
        assert not check or done.returncode == 0, (words, done.returncode, done.out, done.err)
        return done

    def json(self, *words, **more):
        """The objects that the command line prints with --json."""
        done = self.cli("--json", *words, check=True, **more)
        return [json.loads(line) for line in done.out.splitlines()]

    def rows(self):
        """The registry: one row per copy."""
        return [json.loads(row) for row in self.redis.client.hvals("{p00}copies")]

    def partitions(self):
        return int(self.redis.client.hget("{p00}meta", "partitions"))

    def keys(self, kind):
        """A key of this kind in each partition."""
        return [f"{{p{p:02d}}}{kind}" for p in range(self.partitions())]

    def states(self):
        """How many cases are in each state: of all records."""
        client, counts = self.redis.client, {}
        names = [name for key in self.keys("c:*") for name in client.scan_iter(key, 5000)]
        for at in range(0, len(names), 2000):
            pipe = client.pipeline(transaction=False)
            for name in names[at:at + 2000]:
                pipe.hget(name, "s")
            for state in pipe.execute():
                state = (state or b"").decode()
                counts[state] = counts.get(state, 0) + 1
        return counts

    def waiting(self):
        """Cases that still wait for a machine step."""
        return sum(self.redis.client.zcard(key) for key in self.keys("lease"))

    def await_settled(self, seconds=PATIENCE_S * 2, expire=False):
        """No case waits for a machine step. `expire`: what does not move is overdue at once, which
        spares a test the 15 s of a lease."""
        last, moved = None, time.monotonic()

        def settled():
            nonlocal last, moved
            waiting = self.waiting()
            if waiting != last:
                last, moved = waiting, time.monotonic()
            elif expire and time.monotonic() - moved > 1:
                self.expire_leases()
                moved = time.monotonic()
            return waiting == 0
        wait_until(settled, "no case waits for a machine step", seconds)

    def expire_leases(self):
        """What waits for the machine is overdue now."""
        for key in self.keys("lease"):
            pipe = self.redis.client.pipeline(transaction=False)
            for case in self.redis.client.zrange(key, 0, -1):
                pipe.zadd(key, {case: 1}, xx=True)
            pipe.execute()


@contextlib.contextmanager
def tmpfs(size):
    """A small disk of its own; None when this machine does not allow mounts."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dm-disk-", dir="/tmp"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
                             capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()
