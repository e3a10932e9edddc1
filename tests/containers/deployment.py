"""What the tests of the containers share: one deployment of docker-compose.yml under a name of its own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["intake", "classification", "assignment", "escalation"]
CONTAINER = "/usr/share/daumoi/container"
SOCKET = "/var/lib/daumoi/run/redis.sock"
UP_S = 120
WORK_S = 120


def engine_is_there():
    return shutil.which("docker") and subprocess.run(
        ["docker", "info"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def compose_command():
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    newer = subprocess.run(["docker", "compose", "version"], capture_output=True)
    return ["docker", "compose"] if newer.returncode == 0 else None


def call(*command, check=True, timeout=WORK_S, **more):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, text=True, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


def wait_until(condition, what, seconds=WORK_S):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def petition(tag, n):
    """A letter written for these tests; the number makes each one another."""
    return json.dumps({
        "key": f"{tag}-{n}", "desk": "tcd-tinh", "channel": "counter",
        "text": f"Tổ dân phố {n} phản ánh: đèn đường trước số nhà {n} hỏng đã {n % 20 + 2} ngày, "
                "buổi tối đi lại rất khó, đề nghị cho thay bóng mới."}, ensure_ascii=False) + "\n"


def petitions(tag, count):
    return "".join(petition(tag, n) for n in range(count))


def receipts(output):
    return [json.loads(line)["code"] for line in output.splitlines()]


class Flow:
    """Petitions that go on being handed in, a few hundred a second, until finish()."""

    EVERY_S, AT_ONCE = 0.05, 15

    def __init__(self, command, environment, tag, folder):
        self.tag, self.count = tag, 0
        self.out, self.err = folder / "receipts.jsonl", folder / "submit.err"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True,
                                            stdin=subprocess.PIPE, stdout=out, stderr=err)
        self.over = threading.Event()
        self.feeder = threading.Thread(target=self.feed, daemon=True)
        self.feeder.start()

    def feed(self):
        while not self.over.wait(self.EVERY_S):
            for _ in range(self.AT_ONCE):
                self.process.stdin.write(petition(self.tag, self.count))
                self.count += 1
            self.process.stdin.flush()

    def shown(self):
        """Receipts that somebody has seen; the last line may still be on its way."""
        lines = self.out.read_text().splitlines(keepends=True)
        return receipts("".join(line for line in lines if line.endswith("\n")))

    def await_more(self):
        """Load that is really there: receipts come in after this call began."""
        seen = self.out.stat().st_size
        wait_until(lambda: self.out.stat().st_size > seen, "further receipts")

    def finish(self):
        self.over.set()
        self.feeder.join()
        self.process.stdin.close()
        return self.process.wait(WORK_S)

    def abandon(self):
        self.over.set()
        self.process.kill()
        self.process.wait()


class Deployment:
    def __init__(self, image, base):
        self.command = compose_command()
        self.image = image
        self.project = f"daumoi-test-{uuid.uuid4().hex[:8]}"
        self.environment = {**os.environ, "DAUMOI_IMAGE": image, "DAUMOI_BASE": base}

    def words(self, *words):
        return [*self.command, "-p", self.project, *words]

    def compose(self, *words, **more):
        return call(*self.words(*words), env=self.environment, **more)

    def up(self, **scale):
        options = [word for name, n in scale.items() for word in ("--scale", f"{name}={n}")]
        self.compose("up", "-d", *options, timeout=UP_S)
        self.await_health()

    def down(self, *options):
        self.compose("down", "-t", "20", *options)

    def containers(self, service):
        return self.compose("ps", "-q", service).stdout.split()

    def inspect(self, container):
        return json.loads(call("docker", "inspect", container).stdout)[0]

    def exec(self, service, *words, **more):
        return call("docker", "exec", self.containers(service)[0], *words, **more)

    def health(self, *services):
        """What Docker says of each container: healthy, unhealthy, starting, exited ..."""
        states = [self.inspect(container)["State"] for service in services
                  for container in self.containers(service)]
        return [state["Health"]["Status"] if state["Running"] else state["Status"]
                for state in states]

    def await_health(self):
        wait_until(lambda: set(self.health(*SERVICES, "redis")) == {"healthy"},
                   "all containers to be healthy", UP_S)

    def run_words(self, *words, **environment):
        settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        return ["run", "--rm", "-T", *settings, *words]

    def daumoi(self, *words, environment=None, **more):
        return self.compose(*self.run_words(**(environment or {})), "daumoi", *words, **more)

    def flow(self, tag, folder):
        command = self.words(*self.run_words(), "daumoi", "submit", "--json", "-")
        return Flow(command, self.environment, tag, folder)

    def redis(self, user, *words):
        inner = (f"REDISCLI_AUTH=$(cat /var/lib/daumoi/password/{user}/redis) "
                 f"redis-cli -s {SOCKET} --user {user} \"$@\"")
        return self.exec("redis", "bash", "-c", inner, "redis-cli", *words).stdout.strip()

    def refused_by_redis(self):
        """What Redis remembers of commands that it denied, since its start."""
        return self.redis("daumoi", "acl", "log", "1000")

    def status(self):
        return json.loads(self.daumoi("status", "--json", check=False).stdout)

    def cases(self):
        lines = self.daumoi("list", "--json", "--limit", "100000").stdout.splitlines()
        return {case["code"]: case for case in map(json.loads, lines)}

    def settled(self, codes):
        """Every receipt has its case, and each case left the machine's hands."""
        cases = self.cases()
        return all(code in cases and cases[code]["state"] in ("assigned", "triage")
                   for code in codes)

    def await_settled(self, codes):
        wait_until(lambda: self.settled(codes), "all cases to be assigned or in triage")

    def crash(self, container):
        """As if the process had died of itself: Docker takes a `docker kill` for a wish to stop."""
        pid = self.inspect(container)["State"]["Pid"]
        try:
            os.kill(pid, signal.SIGKILL)
        except (PermissionError, ProcessLookupError):
            call("docker", "kill", container)
            call("docker", "start", container)
        wait_until(lambda: self.inspect(container)["State"]["Pid"] not in (0, pid), "a restart")
