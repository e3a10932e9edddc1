"""Whole instances: started and stopped, beside each other, on a cluster, under another law."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

import harness
import ledger
import oracle
import petitions
import wire
from harness import wait_until


class Run:
    """scripts/run as a person types it."""

    def __init__(self, data, *options):
        self.data = pathlib.Path(data)
        self.output = self.data.parent / f"{self.data.name}.out"
        with self.output.open("wb") as out:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", harness.ROOT / "scripts/run", "--data",
                 self.data, *options], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env={**os.environ, "DAUMOI_BIN": str(harness.BIN)},
                start_new_session=True)
        wait_until(lambda: "is ready" in self.said() or self.child.poll() is not None, "ready", 120)
        assert "is ready" in self.said(), self.said()

    def said(self):
        return self.output.read_text()

    def cli(self, *words, stdin=""):
        return subprocess.run(
            [harness.BIN / "daumoi", "--data", self.data, "--json", *words], text=True,
            input=stdin, capture_output=True, timeout=120)

    def submit(self, *rows):
        done = self.cli("submit", "-", stdin=petitions.jsonl(rows))
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        return self.child.wait(90)


@pytest.fixture
def run(tmp_path):
    begun = []

    def start(name, *options):
        begun.append(Run(tmp_path / name, *options))
        return begun[-1]
    yield start
    for one in begun:
        one.stop()


ONE = {"desk": "tcd-ha-tu", "text": "Đèn đường tổ 5 không sáng."}


def test_a_second_start_goes_on_where_the_first_stopped(run):
    """scripts/run: cases, receipts, keys and serials are those of before."""
    first = run("data")
    receipt, = first.submit({**ONE, "key": "k1"})
    wait_until(lambda: json.loads(first.cli("show", receipt["code"]).stdout)["state"] != "received",
               "the machine has done its part")
    shown = json.loads(first.cli("show", receipt["code"]).stdout)
    assert first.stop() == 0
    assert first.cli("show", receipt["code"]).returncode == 3
    second = run("data")
    assert json.loads(second.cli("show", receipt["code"]).stdout) == shown
    again, next_one = second.submit({**ONE, "key": "k1"}, {**ONE, "key": "k2"})
    assert again["code"] == receipt["code"] and again["repeated"]
    assert next_one["serial"] == receipt["serial"] + 1
    assert second.cli("verify").returncode == 0


def test_two_instances_do_not_meet(run):
    """Each data folder has its own Redis, sockets, ports, serials."""
    left = run("left")
    right = run("a-folder-with-a-name-so-long-that-no-unix-socket-could-lie-in-it-" + "x" * 60,
                "--copies", "classification=2")
    codes = [receipt["code"] for receipt in left.submit(ONE, ONE)]
    assert right.cli("show", codes[0]).returncode == 1
    other, = right.submit({**ONE, "text": "Việc ở bên kia."})
    assert other["serial"] == 1
    copies = {name: json.loads(one.cli("status").stdout)["copies"]
              for name, one in (("left", left), ("right", right))}
    assert len(copies["left"]) == 4 and len(copies["right"]) == 5
    assert not {row["http"] for row in copies["left"]} & {row["http"] for row in copies["right"]}


def test_sixteen_partitions_on_a_cluster_of_one_node(instance, judge):
    """No call touches a key of another slot; the same petitions end in the same states."""
    plain = instance("plain").start()
    cluster = instance("cluster", cluster=True, partitions=16).start()
    results = []
    for one in (plain, cluster):
        receipts = wire.Desk(one, petitions.many(600)).start().finish()
        one.await_settled()
        judged = judge(one, receipts)
        results.append({key: (case.record["s"], case.record["u"], case.record.get("x"))
                        for key, case in ((key, judged.case_of(code))
                                          for key, code in receipts.items())})
        code = receipts["t-32"]
        assert one.cli("act", code, "triage", "--as", "b").returncode == 0
        judge(one, receipts)
    assert results[0] == results[1]
    used = {name[:5] for name in cluster.redis.client.scan_iter("*c:*")}
    assert len(used) >= 8, "desks are spread over the partitions"


def test_a_cluster_loses_nothing_when_it_is_killed(instance, judge):
    """Promise 4 on a cluster: Redis and a service are killed under load."""
    one = instance("cluster", cluster=True, partitions=16).start()
    desk = wire.Desk(one, petitions.many(3000)).start()
    wait_until(lambda: len(desk.receipts) > 800, "some receipts")
    one.redis.kill()
    one.redis.start()
    assignment, = one.copies("assignment")
    assignment.kill()
    assignment.start()
    receipts = desk.finish()
    one.await_settled(expire=True)
    judge(one, receipts)


# --- what does not fit is refused

def test_another_library_is_refused_and_init_mends_it(instance):
    """A service does not work on functions that it was not built with; /readyz says why."""
    one = instance("library").start()
    text = ledger.library(one.redis.client)
    theirs = re.search(r"local HASH = '(\w+)'", text)[1]
    ledger.load(one.redis.client, text.replace(theirs, "0" * 32))
    for process in one.services.values():
        if not process.name.startswith("classification"):
            wait_until(lambda p=process: "version" in one.missing(p), f"{process.name} says why")
    answer = wire.ask(wire.requests_of(one, "intake")[0], "submit/1", ONE, seconds=40)
    assert answer["refusal"] == "unavailable"
    one.cli("init", check=True)
    one.await_ready()
    assert wire.ask(wire.requests_of(one, "intake")[0], "submit/1", ONE)["refusal"] == "done"


def test_a_lost_library_is_refused(instance):
    """An empty Redis, or one that was restored without functions, is no data set."""
    one = instance("lost").start()
    one.redis.client.execute_command("FUNCTION", "FLUSH")
    intake, = one.copies("intake")
    wait_until(lambda: "daumoi init" in one.missing(intake), "intake says what to do")
    one.cli("init", check=True)
    one.await_ready()


def other_profile(folder):
    """The same law with one limit changed."""
    shutil.copytree(harness.PROFILE, folder)
    rules = folder / "rules.yaml"
    text = rules.read_text()
    assert "step: triage, kind: internal, who: desk, days: 1," in text
    rules.write_text(text.replace("step: triage, kind: internal, who: desk, days: 1,",
                                  "step: triage, kind: internal, who: desk, days: 2,"))
    return folder


def test_another_profile_is_refused(instance, tmp_path):
    """Promise 6: a copy that computes under another law writes nothing, and says which."""
    one = instance("profile").start()
    folder = other_profile(tmp_path / "law")
    stranger = one.add("intake", wait=False, DAUMOI_PROFILE=str(folder))
    wait_until(lambda: "profile" in one.missing(stranger), "it says why it is not ready")
    assert len(wire.requests_of(one, "intake")) == 1, "desks do not find it"
    wire.Desk(one, petitions.many(20)).start().finish()
    one.remove(stranger)


def test_a_switch_of_the_profile_reaches_all(instance, tmp_path, judge):
    """`daumoi init` with the new profile: the old copies stop, the new ones take over."""
    one = instance("switch").start()
    receipts = wire.Desk(one, petitions.many(50, "old")).start().finish()
    one.await_settled()
    one.environment["DAUMOI_PROFILE"] = str(other_profile(tmp_path / "law"))
    one.cli("init", check=True)
    olds = list(one.services.values())
    for process in olds:
        if not process.name.startswith("classification"):
            wait_until(lambda p=process: "profile" in one.missing(p), f"{process.name} stops")
    for process in olds:
        one.remove(process)
    for service in harness.SERVICES:
        one.add(service)
    receipts |= wire.Desk(one, petitions.many(50, "new")).start().finish()
    one.await_settled()
    judge(one, receipts)


def test_a_data_set_keeps_what_it_was_made_as(instance):
    """Virtual or real, and its partitions: for ever."""
    one = instance("made").prepare()
    assert one.cli("init", check=True).returncode == 0
    assert one.cli("init", "--virtual").returncode == 1
    assert one.cli("init", "--partitions", "16").returncode == 1
    assert one.cli("init", "--partitions", "5").returncode == 2
    assert one.cli("clock", "2030-01-01").returncode == 1, "a real data set has real time"


@pytest.mark.parametrize("settings,words", [
    ({"DAUMOI_PROFILE": "/nowhere"}, ["/nowhere"]),
    ({"DAUMOI_VAULT_KEY": "/nowhere"}, ["/nowhere"]),
    ({"DAUMOI_WINDOW": "many"}, ["DAUMOI_WINDOW"]),
    ({"DAUMOI_WINDOW": "1"}, ["DAUMOI_WINDOW"]),
    ({"DAUMOI_HTTP": "nonsense"}, ["DAUMOI_HTTP", "nonsense"]),
])
def test_wrong_settings_end_with_a_clear_line(instance, settings, words):
    """A service that cannot start says which setting is wrong, in one line."""
    one = instance("settings").prepare()
    # What it still held when it gave up is no leak that matters.
    process = one.add("intake", wait=False, ASAN_OPTIONS="detect_leaks=0", **settings)
    assert process.child.wait(20) in (1, 2, 3)
    assert any(word in process.tail() for word in words), process.tail()
    del one.services[process.name]


def test_services_wait_for_redis(instance):
    """Started in any order: who comes before Redis waits, and says so."""
    one = instance("order")
    one.prepare()
    one.redis.kill()
    for service in harness.SERVICES:
        one.add(service, wait=False)
    intake, = one.copies("intake")
    wait_until(lambda: "redis" in one.missing(intake), "intake waits")
    one.redis.start()
    one.await_ready()
    wire.Desk(one, petitions.many(20)).start().finish()


def test_the_judge_is_not_blind(instance):
    """A record, a register and an index changed behind the ledger's back are all seen."""
    one = instance("blind").start()
    wire.Desk(one, petitions.many(20)).start().finish()
    one.await_settled()
    client = one.redis.client
    cases = list(oracle.Oracle(client).read().cases.values())
    tamper = [
        lambda case: client.hset(f"{{p00}}c:{case.id}", "u", "so-xd"),
        lambda case: client.lset(f"{{p00}}j:{case.id}", 0, client.lindex(f"{{p00}}j:{case.id}", 1)),
        lambda case: client.rpop(f"{{p00}}j:{case.id}"),
        lambda case: client.zrem("{p00}alarm", case.id),
        lambda case: client.zadd("{p00}o:so-yt", {case.id: 1}),
        lambda case: client.delete(f"{{p00}}b:{case.id}"),
        lambda case: client.rpush(
            f"{{p00}}s:{case.record['d'].decode()}:{case.record['y'].decode()}", case.id),
    ]
    for number, (harm, case) in enumerate(zip(tamper, cases)):
        before = len(oracle.Oracle(client).read().check().breaches)
        harm(case)
        assert len(oracle.Oracle(client).read().check().breaches) > before, number
        assert one.cli("verify").returncode == 1, number
