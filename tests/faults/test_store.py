"""Redis in trouble: stalled, full, torn. Registration is refused clearly, nothing is lost."""

import contextlib
import shutil

import pytest

import harness
import ledger
import oracle
import petitions
import wire
from harness import wait_until

MIB = 1 << 20


def flow(one, count, prefix="t", **more):
    return wire.Desk(one, petitions.many(count, prefix), **more).start()


def reached(desk, count):
    wait_until(lambda: len(desk.receipts) >= count or desk.error, f"{count} receipts", 240)


def submit_one(one, prefix):
    """The answer to one petition, at once."""
    petition, = petitions.many(1, prefix)
    return wire.ask(wire.requests_of(one, "intake")[0], "submit/1", petition, seconds=30)


def used(one):
    return one.redis.client.info("memory")["used_memory"]


# --- stalled

def test_redis_stalled_for_six_seconds(instance, judge):
    """Promise 4: nobody hears from Redis for 6 s; then all goes on, nothing twice."""
    one = instance("stalled").start()
    desk = flow(one, 8000)
    reached(desk, 2000)
    one.redis.freeze()
    seen = len(desk.receipts)
    # Time that passes without Redis is told by another clock: a metric of a live service.
    intake, = one.copies("intake")
    wait_until(lambda: "no answer" in one.missing(intake) or "redis" in one.missing(intake),
               "intake says that Redis does not answer", 30)
    one.redis.thaw()
    receipts = desk.finish()
    one.await_settled()
    judge(one, receipts, sent=desk.sent)
    assert len(receipts) == 8000 and seen >= 2000
    assert {row["service"] for row in one.rows()} == set(harness.SERVICES)


def test_redis_reloading(instance, judge):
    """While Redis reads its data again everyone says: try again; then all goes on."""
    one = instance("reload").start()
    receipts = flow(one, 12000, "first").finish()
    desk = flow(one, 3000, "second")
    reached(desk, 500)
    one.redis.kill()
    one.redis.start()
    receipts |= desk.finish()
    one.await_settled()
    judge(one, receipts, sent=15000)


# --- full

def test_memory_nearly_full(instance, judge):
    """Registration is refused with field and hint; everything else goes on; it works again after."""
    one = instance("memory").start()
    classification, = one.copies("classification")
    classification.kill()
    receipts = flow(one, 300).finish()
    assert one.states() == {"received": 300}
    one.redis.client.config_set("maxmemory", int(used(one) * 1.1))
    refusal = wait_until(lambda: refused(one, "full"), "registration is refused")
    assert refusal["refusal"] == "unavailable" and refusal["field"] == "store"
    assert refusal["retry_ms"] >= 1000 and "memory" in refusal["text"]
    done = one.cli("submit", "--timeout", "2", "-", stdin=petitions.jsonl(petitions.many(1, "cli")))
    assert done.returncode == 3 and "memory" in done.err
    classification.start()
    one.await_settled()  # the machine's steps go on
    code = receipts["t-32"]  # a complaint: the desk decides it now
    done = one.cli("act", code, "triage", "--as", "clerk", "--decision", "file", "--ground", "thử")
    assert done.returncode == 0, done.err
    one.redis.client.config_set("maxmemory", 0)
    wait_until(lambda: submit_one(one, "after")["refusal"] == "done", "it works again")
    one.await_settled()
    judge(one, receipts, only=False)


def refused(one, prefix):
    answer = submit_one(one, prefix)
    return answer if answer["refusal"] != "done" else None


def test_memory_full_between_two_looks_of_the_brake(instance, judge):
    """Promise 4: Redis itself refuses a registration that its memory cannot take; changes go on."""
    one = instance("oom").start()
    classification, = one.copies("classification")
    classification.kill()
    receipts = flow(one, 100).finish()
    one.redis.client.config_set("maxmemory", MIB)
    book = ledger.Ledger(one.redis.client)
    with pytest.raises(Exception, match="OOM"):
        book.register()
    assert submit_one(one, "full")["refusal"] == "unavailable"
    classification.start()
    one.await_settled()
    one.redis.client.config_set("maxmemory", 0)
    judge(one, receipts)


@pytest.fixture
def small_disk():
    """small_disk(size) -> a folder on a disk of its own."""
    with contextlib.ExitStack() as stack:
        def make(size):
            folder = stack.enter_context(harness.tmpfs(size))
            if folder is None:
                pytest.skip("this machine allows no mounts: a full disk cannot be shown")
            return folder
        yield make


def test_disk_nearly_full(instance, judge, small_disk):
    """The brake on the disk: registration stops before Redis is in danger, nothing else does."""
    disk = small_disk("256m")
    one = instance("brake", settings={"DAUMOI_DISK": str(disk), "DAUMOI_DISK_FREE_MB": "128"}).start()
    classification, = one.copies("classification")
    classification.kill()
    receipts = flow(one, 200).finish()
    (disk / "ballast").write_bytes(bytes(160 * MIB))
    refusal = wait_until(lambda: refused(one, "full"), "registration is refused")
    assert refusal["refusal"] == "unavailable" and refusal["field"] == "store"
    assert refusal["retry_ms"] >= 1000 and "disk" in refusal["text"]
    classification.start()
    one.await_settled()
    (disk / "ballast").unlink()
    wait_until(lambda: submit_one(one, "after")["refusal"] == "done", "it works again")
    one.await_settled()
    judge(one, receipts, only=False)


def test_disk_full(instance, judge, small_disk):
    """Promise 4: on a full disk Redis ends; everyone says: try again; after room is made all goes on."""
    disk = small_disk("64m")
    one = instance("disk", redis_folder=disk / "redis").start()
    desk = flow(one, 6000)
    reached(desk, 1000)
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(MIB))
            file.flush()
    one.redis.child.wait(60)  # it says why and ends by itself
    assert "AOF write error" in one.redis.log.read_text()
    intake, = one.copies("intake")
    wait_until(lambda: "redis" in one.missing(intake), "intake is not ready")
    assert all(process.runs() for process in one.services.values())
    shown = dict(desk.receipts)
    ballast.unlink()
    one.redis.start()
    receipts = desk.finish()
    one.await_settled()
    judge(one, receipts, sent=desk.sent)
    assert shown.items() <= receipts.items() and len(receipts) == 6000


# --- torn

def test_torn_transaction_at_the_end_of_the_file(instance, tmp_path):
    """Promises 4, 8: a file cut anywhere within its last transaction gives whole cases only."""
    one = instance("torn").start()
    before = flow(one, 30, "before").finish()
    one.await_settled()
    for service in ("classification", "assignment", "escalation"):
        for process in one.copies(service):
            one.remove(process)
    after = flow(one, 40, "after").finish()
    one.redis.kill()
    file = one.redis.incr_file()
    data = file.read_bytes()
    last = data.rfind(b"}s:tcd-")  # the register, in the last registration
    start = data.rfind(b"*1\r\n$5\r\nMULTI\r\n", 0, last)
    end = data.index(b"*1\r\n$4\r\nEXEC\r\n", last) + len(b"*1\r\n$4\r\nEXEC\r\n")
    step = max(1, (end - start) // 24)
    whole = None
    for cut in [*range(start, end, step), end - 1, end]:
        folder = tmp_path / f"cut-{cut}"
        shutil.copytree(one.redis.data, folder)
        (folder / "appendonlydir" / file.name).write_bytes(data[:cut])
        again = harness.RedisServer(folder, one.run, one.folder / "again.log")
        try:
            again.start()
            judged = oracle.Oracle(again.client).read().check().check_receipts(before, only=False)
            assert not judged.breaches, (cut, judged.breaches[:5])
            count = len(judged.cases)
            whole = count if cut == start else whole
            assert count == whole if cut < end else count > whole
        finally:
            again.kill()
        shutil.rmtree(folder)
    print(f"cut at {len(range(start, end, step)) + 2} places of {end - start} bytes: "
          f"{whole} of {len(before) + len(after)} cases, then {count}")


# --- poisoned

def test_a_poisoned_register_is_answered_and_stops_nobody(instance):
    """A desk whose register cannot be written gets an answer; the others of its batch go through."""
    one = instance("register").start()
    day, = {case.record["y"].decode() for case in first_case(one)}
    one.redis.client.set(f"{{p00}}s:tcd-co-to:{day}", "no list")
    rows = list(petitions.many(600))
    desk = wire.Desk(one, rows).start()
    receipts = desk.finish()
    bad = {row["key"] for row in rows if row["desk"] == "tcd-co-to"}
    assert set(desk.refused) == bad and set(receipts) == {row["key"] for row in rows} - bad
    assert {reply["refusal"] for reply in desk.refused.values()} == {"invalid"}
    one.redis.client.delete(f"{{p00}}s:tcd-co-to:{day}")
    receipts |= wire.Desk(one, (row for row in rows if row["key"] in bad)).start().finish()
    one.await_settled()
    oracle.judge(one, receipts, sent=len(rows), only=False)


def first_case(one):
    wire.Desk(one, petitions.many(1, "first")).start().finish()
    return oracle.Oracle(one.redis.client).read().cases.values()


@pytest.mark.parametrize("kind", ["c:", "j:", "b:"])
def test_a_poisoned_case_stops_nobody(instance, judge, kind):
    """A case whose record or journal is not what it should be is left, one whose body cannot be read
    goes to the desk, which has the paper; the others are done."""
    one = instance("poisoned").start()
    classification, = one.copies("classification")
    classification.kill()
    receipts = flow(one, 200).finish()
    intake, = one.copies("intake")
    intake.kill()  # it still has the bodies, to offer them
    intake.start()
    one.expire_leases()
    seen = oracle.Oracle(one.redis.client).read()
    bad = seen.case_of(receipts["t-77"]).id
    client, name = one.redis.client, f"{{p00}}{kind}{bad}"
    client.rename(name, "aside")
    client.sadd(name, "neither", "of these")
    left = [] if kind == "b:" else [bad.encode()]
    classification.start()
    wait_until(lambda: client.zrange("{p00}lease", 0, -1) == left, "all others are done",
               harness.PATIENCE_S * 2)
    one.await_ready()
    more = flow(one, 100, "more").finish()
    wait_until(lambda: client.zrange("{p00}lease", 0, -1) == left, "all others are done")
    if kind == "b:":
        record = client.hgetall(f"{{p00}}c:{bad}")
        assert record[b"s"] == b"triage" and "không đọc được" in record[b"a"].decode()
    assert one.cli("verify").returncode == 1
    client.delete(name)
    client.rename("aside", name)
    one.expire_leases()
    one.await_settled()
    judge(one, receipts | more)


def test_a_poisoned_index_stops_nobody(instance):
    """An owner's list that cannot be written spoils that list alone, no other case of the batch."""
    one = instance("index").prepare()
    book = ledger.Ledger(one.redis.client)
    one.redis.client.set("{p00}o:so-yt", "no list")
    ids = [book.case() for _ in range(4)]
    names, words = [], []
    for at, case in enumerate(ids):
        unit = "so-yt" if at == 1 else "so-xd"
        names += [book.key("c:", case), book.key("j:", case), "{p00}o:ban-tcd", f"{{p00}}o:{unit}"]
        words += [case, 1, book.entry("assign", {
            "s": "assigned", "u": unit, "o": "head", "n": book.now() + 1000})]
    with contextlib.suppress(Exception):
        book.call("dm1_change", names, words)
    assert one.cli("verify").returncode == 1
    breaches = oracle.Oracle(one.redis.client).read().check().breaches
    assert all(ids[1] in one_ or "so-yt" in one_ for one_ in breaches), breaches
