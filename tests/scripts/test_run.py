"""scripts/run with stand-ins for the services: start, supervision, stop."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKE = ROOT / "tests/scripts/fake"
READY = "is ready"


def wait_until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Instance:
    """One scripts/run in a session of its own."""

    def __init__(self, data, *options, **environment):
        self.data = pathlib.Path(data)
        self.output = self.data.parent / f"{self.data.name}.out"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [ROOT / "scripts/run", "--data", self.data, *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, "DAUMOI_BIN": str(FAKE), **environment},
                start_new_session=True)

    def said(self):
        return self.output.read_text()

    def await_ready(self):
        wait_until(lambda: READY in self.said() or self.process.poll() is not None, "ready")
        assert READY in self.said(), self.said()
        return self

    def env(self):
        return dict(line.split("=", 1) for line in (self.data / "env").read_text().splitlines())

    def folder(self):
        return pathlib.Path(self.env()["DAUMOI_RUN"])

    def pid(self, job):
        return int((self.folder() / f"{job}.pid").read_text())

    def jobs(self):
        return {path.stem: int(path.read_text()) for path in self.folder().glob("*.pid")}

    def redis(self):
        path = self.env()["DAUMOI_REDIS"].removeprefix("unix:")
        return redis.Redis(unix_socket_path=path, decode_responses=True)

    def ready(self, job):
        first = re.search(r"http://(127[.\d]+):", self.said()).group(1)
        port = 9101 + sorted(self.jobs().keys() - {"redis"}, key=order).index(job)
        command = [ROOT / "deploy/ready", f"{first}:{port}"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0

    def stop(self, sign=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(40)


def order(job):
    name, number = job.rsplit("-", 1)
    return ["intake", "classification", "assignment", "escalation"].index(name), int(number)


@pytest.fixture
def start(tmp_path):
    with contextlib.ExitStack() as stack:
        def begin(name="data", *options, **environment):
            instance = Instance(tmp_path / name, *options, **environment)
            stack.callback(instance.stop)
            return instance
        yield begin


def test_starts_all_and_stops_all(start):
    instance = start("data", "--copies", "classification=3").await_ready()
    jobs, folder = instance.jobs(), instance.folder()
    assert sorted(jobs) == ["assignment-1", "classification-1", "classification-2",
                            "classification-3", "escalation-1", "intake-1", "redis"]
    assert all(alive(pid) for pid in jobs.values())
    assert instance.stop(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in jobs.values())
    assert not folder.exists()


def test_what_it_keeps_is_private(start):
    instance = start().await_ready()
    assert instance.data.stat().st_mode & 0o777 == 0o700
    assert instance.folder().stat().st_mode & 0o777 == 0o700
    assert (instance.data / "vault.key").stat().st_mode & 0o777 == 0o600


def test_redis_is_durable(start):
    settings = start().await_ready().redis().config_get("*")
    assert settings["appendonly"] == "yes" and settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction" and settings["port"] == "0"


def test_eval_is_denied(start):
    with pytest.raises(redis.exceptions.NoPermissionError):
        start().await_ready().redis().eval("return 1", 0)


def test_second_start_goes_on(start, tmp_path):
    profile = tmp_path / "law"
    profile.mkdir()
    first = start("data", "--virtual", "--profile", str(profile)).await_ready()
    key = (first.data / "vault.key").stat().st_ino
    first.redis().set("kept", "yes")
    assert first.stop() == 0
    second = start("data").await_ready()
    assert second.redis().get("kept") == "yes"
    assert second.redis().lrange("inits", 0, -1) == ["init --virtual", "init --virtual"]
    assert second.env()["DAUMOI_PROFILE"] == str(profile)
    assert (second.data / "vault.key").stat().st_ino == key


def test_refuses_to_start_twice(start):
    first = start().await_ready()
    command = [ROOT / "scripts/run", "--data", first.data]
    again = subprocess.run(command, env={**os.environ, "DAUMOI_BIN": str(FAKE)},
                           capture_output=True, text=True, timeout=20)
    assert again.returncode == 1 and "in use" in again.stderr
    assert first.process.poll() is None and first.redis().ping()


def test_two_instances_do_not_meet(start):
    one, two = start("one").await_ready(), start("two").await_ready()
    one.redis().set("mine", "one")
    assert two.redis().get("mine") is None
    assert one.folder() != two.folder()
    one.stop()
    assert two.redis().ping() and two.ready("intake-1")


def test_a_deep_data_folder_has_short_socket_paths(start, tmp_path):
    deep = pathlib.Path(*["a-rather-long-name"] * 10)
    (tmp_path / deep).mkdir(parents=True)
    instance = start(deep / "data").await_ready()
    assert len(str(instance.data)) > 150
    assert len(instance.env()["DAUMOI_REDIS"].removeprefix("unix:")) < 80
    assert instance.redis().ping()


@pytest.mark.parametrize("job", ["intake-1", "classification-1", "redis"])
def test_what_dies_is_started_again(start, job):
    instance = start().await_ready()
    before = instance.jobs()
    os.kill(before[job], signal.SIGKILL)
    wait_until(lambda: instance.pid(job) != before[job], f"a new {job}")
    if job == "redis":
        wait_until(lambda: pings(instance), "Redis answers")
        assert instance.redis().llen("inits") == 1
    else:
        wait_until(lambda: instance.ready(job), f"{job} is ready")
    after = instance.jobs()
    assert {name for name in before if before[name] != after[name]} == {job}


def pings(instance):
    try:
        return instance.redis().ping()
    except redis.exceptions.ConnectionError:
        return False


def test_what_keeps_dying_is_started_ever_later(start):
    instance = start().await_ready()
    for death in range(3):
        pid = instance.pid("escalation-1")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: instance.pid("escalation-1") != pid, "a new one")
    delays = re.findall(r"escalation-1 ended .* in (\d+) s", instance.said())
    assert delays == ["0", "1", "2"]
    assert instance.stop() == 0


def test_a_broken_service_ends_the_start(start):
    instance = start(FAKE_BROKEN="assignment")
    assert instance.process.wait(30) == 1
    assert "assignment-1 did not start" in instance.said()
    assert "this service is broken" in instance.said()
    assert not instance.folder().exists()


def test_a_stubborn_service_is_killed(start):
    instance = start(FAKE_STUBBORN="intake", DAUMOI_STOP_PATIENCE_S="1").await_ready()
    jobs = instance.jobs()
    assert instance.stop() == 0
    assert "intake-1 does not stop" in instance.said()
    assert not any(alive(pid) for pid in jobs.values())


def test_nothing_outlives_a_killed_run(start):
    instance = start().await_ready()
    jobs = instance.jobs()
    instance.process.kill()
    wait_until(lambda: not any(alive(pid) for pid in jobs.values()), "all jobs to end")
    assert start().await_ready().redis().llen("inits") == 2


def test_ctrl_c_stops_redis_last(start):
    """Ctrl-C reaches the whole process group at once; one service takes its time."""
    instance = start(FAKE_STUBBORN="intake", DAUMOI_STOP_PATIENCE_S="1").await_ready()
    watch = instance.pid("redis")
    services = [pid for job, pid in instance.jobs().items() if job != "redis"]
    os.killpg(instance.process.pid, signal.SIGINT)
    served = True
    while served:
        kept = alive(watch)
        served = any(alive(pid) for pid in services)
        assert kept or not served
    assert instance.process.wait(30) == 0
    assert "intake-1 does not stop" in instance.said()


def test_a_foreign_run_folder_is_refused(start, tmp_path):
    first = start().await_ready()
    folder = first.folder()
    assert first.stop() == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    folder.symlink_to(elsewhere)
    try:
        second = start()
        assert second.process.wait(20) == 1
        assert "not ours" in second.said()
        assert (elsewhere / "precious").exists()
    finally:
        folder.unlink()


@pytest.mark.parametrize("options", [["--nothing"], ["--data"], ["--copies", "gateway=1"],
                                     ["--copies", "intake=many"], ["--memory", "lots"],
                                     ["--profile", "/nowhere"]])
def test_wrong_usage(options):
    done = subprocess.run([ROOT / "scripts/run", *options], capture_output=True, text=True)
    assert done.returncode == 2 and "--help" in done.stderr


def test_help():
    done = subprocess.run([ROOT / "scripts/run", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--copies NAME=N" in done.stdout


def test_setup_names_the_command_without_root(tmp_path):
    """An empty package list stands for a fresh machine, and `id` for somebody else."""
    for name, text in {"id": "echo 1000", "dpkg-query": "true"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([ROOT / "scripts/setup"], capture_output=True, text=True,
                          env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 2
    assert re.search(r"sudo apt-get .* install .*\bgcc\b.*\bredis-server\b", done.stderr)
    assert "seals" not in done.stdout and "sealing of petitions" in done.stdout
