"""The image and docker-compose.yml: brought up, scaled, killed, stopped and started again.

DAUMOI_IMAGE names an image to test instead of building one; DAUMOI_BASE a base image other than
the one that scripts/base-image makes. Only containers of this test's own project are touched.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["intake", "classification", "assignment", "escalation"]
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


if not engine_is_there():
    pytest.skip("no Docker engine answers here", allow_module_level=True)
COMPOSE = compose_command()
if not COMPOSE:
    pytest.skip("a Docker engine, but no Compose", allow_module_level=True)


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


class Deployment:
    def __init__(self, image, base):
        self.project = f"daumoi-test-{uuid.uuid4().hex[:8]}"
        self.environment = {**os.environ, "DAUMOI_IMAGE": image, "DAUMOI_BASE": base}

    def compose(self, *words, **more):
        return call(*COMPOSE, "-p", self.project, *words, env=self.environment, **more)

    def up(self, **scale):
        options = [word for name, n in scale.items() for word in ("--scale", f"{name}={n}")]
        self.compose("up", "-d", *options, timeout=UP_S)
        wait_until(self.healthy, "all containers to be healthy", UP_S)

    def containers(self, service):
        return self.compose("ps", "-q", service).stdout.split()

    def inspect(self, container):
        return json.loads(call("docker", "inspect", container).stdout)[0]

    def healthy(self):
        states = [self.inspect(container)["State"] for service in [*SERVICES, "redis"]
                  for container in self.containers(service)]
        return states and all(state["Running"] and state["Health"]["Status"] == "healthy"
                              for state in states)

    def daumoi(self, *words, **more):
        return self.compose("run", "--rm", "-T", "daumoi", *words, **more)

    def begin(self, *words, stdin, stdout):
        """The same without waiting for it, between two files."""
        with stdin.open() as source, stdout.open("w") as sink:
            return subprocess.Popen(
                [*COMPOSE, "-p", self.project, "run", "--rm", "-T", "daumoi", *words], cwd=ROOT,
                env=self.environment, stdin=source, stdout=sink, stderr=subprocess.DEVNULL)

    def redis(self, user, *words):
        inner = (f"REDISCLI_AUTH=$(cat /var/lib/daumoi/password/{user}/redis) "
                 f"redis-cli --user {user} \"$@\"")
        return call("docker", "exec", self.containers("redis")[0], "bash", "-c", inner, "redis-cli",
                    *words).stdout.strip()

    def cases(self):
        lines = self.daumoi("list", "--json", "--limit", "100000").stdout.splitlines()
        return {case["code"]: case for case in map(json.loads, lines)}

    def crash(self, container):
        """As if the process had died of itself: Docker takes a `docker kill` for a wish to stop."""
        pid = self.inspect(container)["State"]["Pid"]
        try:
            os.kill(pid, signal.SIGKILL)
        except (PermissionError, ProcessLookupError):
            call("docker", "kill", container)
            call("docker", "start", container)
        wait_until(lambda: self.inspect(container)["State"]["Pid"] not in (0, pid), "a restart")

    def down(self, *options):
        self.compose("down", "-t", "20", *options)


@pytest.fixture(scope="session")
def images():
    base = os.environ.get("DAUMOI_BASE", "daumoi-base:12")
    image = os.environ.get("DAUMOI_IMAGE")
    if image:
        return image, base
    if "DAUMOI_BASE" not in os.environ:
        call(ROOT / "scripts/base-image", timeout=600)
    environment = {**os.environ, "DAUMOI_IMAGE": "daumoi-test", "DAUMOI_BASE": base}
    call(*COMPOSE, "build", timeout=900, env=environment)
    return "daumoi-test", base


@pytest.fixture(scope="module")
def deployment(images):
    made = Deployment(*images)
    try:
        made.up(classification=2)
        yield made
    finally:
        made.down("-v", "--remove-orphans")


def petitions(tag, count):
    """Letters written for this test; the number makes each one another."""
    return "".join(json.dumps({
        "key": f"{tag}-{n}", "desk": "tcd-tinh", "channel": "counter",
        "text": f"Tổ dân phố {n} phản ánh: đèn đường trước số nhà {n} hỏng đã {n % 20 + 2} ngày, "
                "buổi tối đi lại rất khó, đề nghị cho thay bóng mới."}, ensure_ascii=False) + "\n"
        for n in range(count))


def receipts(output):
    return [json.loads(line)["code"] for line in output.splitlines()]


def settled(deployment, codes):
    """Every receipt has its case, and each case left the machine's hands."""
    cases = deployment.cases()
    return set(codes) <= set(cases) and all(
        cases[code]["state"] in ("assigned", "triage") for code in codes)


def test_containers_have_only_the_rights_they_need(deployment):
    for service in [*SERVICES, "redis"]:
        for container in deployment.containers(service):
            seen = deployment.inspect(container)
            host = seen["HostConfig"]
            assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] > 0
            assert "no-new-privileges:true" in host["SecurityOpt"]
            assert seen["Config"]["User"] == "10001:10001" and not host["PortBindings"]


def test_network_has_no_way_out(deployment):
    name = next(iter(deployment.inspect(deployment.containers("intake")[0])
                     ["NetworkSettings"]["Networks"]))
    assert json.loads(call("docker", "network", "inspect", name).stdout)[0]["Internal"]


@pytest.mark.parametrize("service, sees", [("intake", 0), ("classification", 0), ("assignment", 0),
                                           ("escalation", 1), ("redis", 1)])
def test_the_vault_key_is_only_where_it_is_used(deployment, service, sees):
    probe = ["docker", "exec", deployment.containers(service)[0], "test", "-r",
             "/var/lib/daumoi/vault/key"]
    assert call(*probe, check=False).returncode == sees


@pytest.mark.parametrize("tool", ["gcc", "make", "ld", "git"])
def test_the_image_has_no_build_tools(deployment, tool):
    probe = ["docker", "exec", deployment.containers("intake")[0], "bash", "-c", f"type {tool}"]
    assert call(*probe, check=False).returncode == 1


def test_redis_is_durable_and_wants_its_password(deployment):
    setting = deployment.redis("daumoi", "config", "get", "appendfsync")
    assert setting.split() == ["appendfsync", "always"]
    inside = ["docker", "exec", deployment.containers("redis")[0]]
    assert "NOAUTH" in call(*inside, "redis-cli", "ping", check=False).stdout


@pytest.mark.parametrize("user, command, allowed", [
    ("daumoi", "eval x 0", False), ("intake", "eval x 0", False), ("intake", "keys *", False),
    ("intake", "flushall", False), ("intake", "config get save", False),
    ("intake", "hget {p00}c:none s", True), ("classification", "hget {p00}c:none s", False),
    ("classification", "zcard {p00}registry", True), ("escalation", "get elsewhere", False)])
def test_each_service_has_its_own_rights_in_redis(deployment, user, command, allowed):
    refused = deployment.redis(user, *command.split()).startswith("NOPERM")
    assert refused != allowed


def test_a_service_sees_only_its_own_password(deployment):
    for service in SERVICES:
        seen = call("docker", "exec", deployment.containers(service)[0], "bash", "-c",
                    "cd /var/lib/daumoi/password && echo */redis").stdout.strip()
        assert seen == f"{service}/redis"


def test_submits_scales_and_survives_kills(deployment, tmp_path):
    first = receipts(deployment.daumoi("submit", "--json", "-", input=petitions("a", 50)).stdout)
    assert len(set(first)) == 50
    deployment.up(classification=4)
    assert len(deployment.containers("classification")) == 4
    letters, out = tmp_path / "letters.jsonl", tmp_path / "receipts.jsonl"
    letters.write_text(petitions("b", 3000))
    flow = deployment.begin("submit", "--json", "-", stdin=letters, stdout=out)
    wait_until(lambda: out.read_text(), "the first receipt")
    for service in ["classification", "assignment", "redis", "intake", "escalation"]:
        deployment.crash(deployment.containers(service)[0])
    flow.wait(WORK_S)
    shown = [line for line in out.read_text().splitlines(keepends=True) if line.endswith("\n")]
    shown = receipts("".join(shown))
    wait_until(deployment.healthy, "health after the kills")
    again = deployment.daumoi("submit", "--json", "-", input=letters.read_text()).stdout
    second = receipts(again)
    assert set(shown) <= set(second) and len(set(second)) == 3000
    wait_until(lambda: settled(deployment, first + second), "all cases to be assigned or in triage")
    assert len(deployment.cases()) == 3050
    deployment.daumoi("verify")


def test_goes_on_after_down_and_up(deployment):
    before = deployment.cases()
    assert before
    deployment.down()
    deployment.up(classification=2)
    assert deployment.cases() == before
    deployment.daumoi("verify")
