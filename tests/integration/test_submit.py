"""A desk hands in petitions: receipts, repeats, files, bad input."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import threading
import unicodedata
from datetime import datetime, timedelta, timezone

import pytest

import harness
import oracle
import petitions
import wire

ONE = {"desk": "tcd-ha-tu", "text": "Đèn đường tổ 5 không sáng."}


def submit(instance, *petitions_, words=(), **more):
    return instance.cli("--json", "submit", *words, "-", stdin=petitions.jsonl(petitions_), **more)


def receipts_of(done):
    return [json.loads(line) for line in done.out.splitlines()]


def count_cases(instance):
    return sum(instance.states().values())


# --- receipts

def test_one_petition_gets_a_receipt(shared):
    """Promise 4: the code is of the agreed form, its letter fits, and the case is there."""
    receipt, = receipts_of(submit(shared, ONE))
    code = oracle.CODE.match(receipt["code"])
    assert code and code["desk"] == receipt["desk"] == "tcd-ha-tu"
    assert int(code["serial"]) == receipt["serial"] and len(code["serial"]) >= 4
    assert oracle.check_letter(receipt["code"][:-1]) == code["check"]
    assert receipt["repeated"] is False
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$", receipt["received"])
    assert oracle.Oracle(shared.redis.client).read().case_of(receipt["code"])


def test_a_table_for_people(shared):
    """Without --json the receipt is for the eye: the code stands in it."""
    done = shared.cli("submit", "-", stdin=petitions.jsonl([ONE]), check=True)
    assert re.search(r"H49\.tcd-ha-tu-\d{6}-\d{4}[A-Z]", done.out)


def test_desk_and_key_from_the_command_line(shared):
    """--desk and --key stand in for what the petition does not say."""
    done = shared.cli("--json", "submit", "--desk", "tcd-bai-chay", "--key", "cl-1", "-",
                      stdin=json.dumps({"text": "Một việc."}), check=True)
    assert receipts_of(done)[0]["desk"] == "tcd-bai-chay"


def test_serials_of_a_desk_and_day_have_no_gap(shared, judge):
    """Promise 4: refused petitions take no number."""
    rows = [{"desk": "tcd-co-to", "text": f"Việc {n}" if n % 3 else ""} for n in range(30)]
    receipts = receipts_of(submit(shared, *rows))
    assert sorted(one["serial"] for one in receipts) == list(range(1, 21))
    judge(shared, settled=False)


def test_many_from_a_file_can_be_interrupted_and_repeated(shared, tmp_path, judge):
    """A file is repeated after an interruption without making doubles."""
    file = tmp_path / "many.jsonl"
    file.write_text(petitions.jsonl(
        {k: v for k, v in one.items() if k != "key"} for one in petitions.many(3000, "file")))
    before = count_cases(shared)
    running = subprocess.Popen(
        [harness.BIN / "daumoi", "--json", "submit", "--file", file], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, **shared.environment})
    harness.wait_until(lambda: count_cases(shared) > before + 200, "some are registered")
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert count_cases(shared) < before + 3000, "the file was through before it was interrupted"
    first = receipts_of(shared.cli("--json", "submit", "--file", file, check=True))
    assert len(first) == 3000 and count_cases(shared) == before + 3000
    assert any(one["repeated"] for one in first) and not all(one["repeated"] for one in first)
    again = receipts_of(shared.cli("--json", "submit", "--file", file, check=True))
    assert [one["code"] for one in again] == [one["code"] for one in first]
    assert all(one["repeated"] for one in again)
    shared.await_settled()
    judge(shared, {one["code"]: one["code"] for one in first}, only=False)


# --- the same again

def test_same_key_same_content_gives_the_same_receipt(shared):
    """Promise 4: a repeat is harmless."""
    petition = {**ONE, "key": "same-1"}
    first, = receipts_of(submit(shared, petition))
    again, = receipts_of(submit(shared, dict(reversed(petition.items()))))
    assert again == {**first, "repeated": True}


def test_same_key_other_content_is_refused(shared):
    """Promise 4: a key never names two petitions."""
    submit(shared, {**ONE, "key": "conflict-1"}, check=True)
    before = count_cases(shared)
    done = submit(shared, {**ONE, "text": "Một việc khác.", "key": "conflict-1"})
    assert done.returncode == 1 and "key" in done.err
    assert count_cases(shared) == before


def test_same_key_at_another_desk_is_another_petition(shared):
    """Keys are a desk's own: two desks never meet in one."""
    first, second = receipts_of(submit(
        shared, {**ONE, "key": "desk-1"}, {**ONE, "desk": "tcd-bai-chay", "key": "desk-1"}))
    assert not first["repeated"] and not second["repeated"] and first["code"] != second["code"]


def test_a_hundred_at_once_are_one_case(shared):
    """Promise 4: a submission repeated 100 times in parallel has one receipt."""
    shared.add("intake")
    endpoints, answers = wire.requests_of(shared, "intake"), []
    assert len(endpoints) >= 2
    before = count_cases(shared)

    def ask(at):
        answers.append(wire.ask(endpoints[at % len(endpoints)], "submit/1",
                                {**ONE, "key": "hundred"}, seconds=30))
    threads = [threading.Thread(target=ask, args=(at,)) for at in range(100)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {answer["refusal"] for answer in answers} == {"done"}
    assert len({answer["code"] for answer in answers}) == 1
    assert sum(not answer.get("repeated", False) for answer in answers) == 1
    assert count_cases(shared) == before + 1
    shared.remove(shared.copies("intake")[-1])


def test_a_missing_key_is_derived(shared):
    """Identical lines of a file are two petitions; the file again makes no third."""
    rows = [{**ONE, "text": "Hai lần trong một tệp."}] * 2
    first = receipts_of(submit(shared, *rows))
    again = receipts_of(submit(shared, *rows))
    assert len({one["code"] for one in first}) == 2
    assert sorted(one["code"] for one in again) == sorted(one["code"] for one in first)
    assert all(one["repeated"] for one in again) and not any(one["repeated"] for one in first)


def test_a_repeat_across_midnight_is_the_first_day_s(instance, judge):
    """Promise 4: what was handed in at 23:59:59 and repeated a second later has one receipt."""
    one = instance("midnight", virtual=True).start()
    now_ms = int(one.redis.client.hget("{p00}meta", "clock"))
    vietnam = timezone(timedelta(hours=7))
    before = datetime.fromtimestamp(now_ms / 1000, vietnam) + timedelta(days=2)
    before = before.replace(hour=23, minute=59, second=59, microsecond=0)
    after = before + timedelta(seconds=1)
    one.cli("clock", before.isoformat(), check=True)
    first, = receipts_of(submit(one, {**ONE, "key": "midnight"}))
    one.cli("clock", "+1s", check=True)
    again, next_day = receipts_of(submit(one, {**ONE, "key": "midnight"}, {**ONE, "key": "after"}))
    assert f"-{before:%y%m%d}-0001" in first["code"]
    assert {**again, "line": 1} == {**first, "repeated": True, "line": 1}
    assert first["received"] == before.isoformat() and next_day["received"] == after.isoformat()
    assert f"-{after:%y%m%d}-0001" in next_day["code"]
    one.await_settled()
    judge(one, {"midnight": first["code"], "after": next_day["code"]})


def test_a_key_lives_ninety_days(instance, judge):
    """Promise 4: within 90 days a key gives the first receipt; after them it is a new petition, once."""
    one = instance("ninety", virtual=True).start()
    first, = receipts_of(submit(one, {**ONE, "key": "old"}))
    one.cli("clock", "+89d", check=True)
    again, = receipts_of(submit(one, {**ONE, "key": "old"}))
    assert again["repeated"] and again["code"] == first["code"]
    one.cli("clock", "+2d", check=True)
    second, = receipts_of(submit(one, {**ONE, "key": "old"}))
    assert not second["repeated"] and second["code"] != first["code"]
    third, = receipts_of(submit(one, {**ONE, "key": "old"}))
    assert third["repeated"] and third["code"] == second["code"]
    one.await_settled()
    judge(one, {"first": first["code"], "second": second["code"]})


# --- bad input

BAD = {
    "unknown desk": ({"desk": "tcd-mars"}, "desk"),
    "no desk": ({"desk": None}, "desk"),
    "no text": ({"text": None}, "text"),
    "empty text": ({"text": ""}, "text"),
    "blank text": ({"text": " \n\t "}, "text"),
    "huge text": ({"text": "ă" * 33000}, "text"),
    "control character": ({"text": "a\x07b"}, "text"),
    "text of a wrong type": ({"text": 7}, "text"),
    "date that does not exist": ({"letter_date": "2026-02-30"}, "letter_date"),
    "hour that does not exist": ({"received": "2026-11-20T24:00:00+07:00"}, "received"),
    "no date at all": ({"received": "hôm qua"}, "received"),
    "received in the future": ({"received": "2199-01-01T00:00:00+07:00"}, "received"),
    "received too long ago": ({"received": "2001-01-01"}, "received"),
    "incoming date": ({"incoming": {"number": "1", "date": "2025-02-29"}}, "incoming.date"),
    "unknown channel": ({"channel": "pigeon"}, "channel"),
    "unknown type": ({"type": "complaint"}, "type"),
    "unknown field": ({"field": "space"}, "field"),
    "long key": ({"key": "k" * 1000}, "key"),
    "negative signatories": ({"signatories": -1}, "signatories"),
    "instance": ({"contested": {"instance": 3}}, "contested.instance"),
    "anonymous with a name": ({"petitioner": {"name": "A", "anonymous": True}}, "petitioner.anonymous"),
    "map of a wrong type": ({"petitioner": "A"}, "petitioner"),
}


@pytest.mark.parametrize("change,field", BAD.values(), ids=BAD.keys())
def test_bad_input_names_the_field(shared, change, field):
    """Each refusal says which field, by exit status 1 and in words; nothing is stored."""
    before = count_cases(shared)
    petition = {name: value for name, value in {**ONE, **change}.items() if value is not None}
    done = submit(shared, petition)
    assert done.returncode == 1, (done.out, done.err)
    assert field in done.err and receipts_of(done) == []
    assert count_cases(shared) == before


BAD_LINES = {
    "two strings": b'{"desk": "tcd-tinh", "text": "a" "b"}',
    "a list": b'["tcd-tinh"]',
    "a number": b"7",
    "cut off": b'{"desk": "tcd-tinh"',
    "no UTF-8": b'{"desk": "tcd-tinh", "text": "\xff\xfe"}',
    "half a surrogate": b'{"desk": "tcd-tinh", "text": "\\ud800"}',
    "a repeated field": b'{"desk": "tcd-tinh", "text": "a", "desk": "tcd-ha-tu"}',
    "deep": b'{"text": ' + b"[" * 100000,
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_wrong_json_names_the_line_and_good_lines_go_through(shared, line):
    """The good lines of a file are registered, the bad one is named by its number; status 1."""
    good = [json.dumps({**ONE, "text": f"Dòng tốt {n}.", "key": f"{len(line)}-{n}"}).encode()
            for n in range(3)]
    before = count_cases(shared)
    done = shared.cli("--json", "submit", "-", stdin=b"\n".join([good[0], good[1], line, good[2]]))
    assert done.returncode == 1
    assert len(receipts_of(done)) == 3 and count_cases(shared) == before + 3
    assert re.search(r"\b3\b", done.err), done.err


def test_unknown_fields_are_ignored_and_counted(shared):
    """An older receiver takes a newer sender's petition, and says what it did not read."""
    done = submit(shared, {**ONE, "colour": "red", "petitioner": {"shoe_size": 42}})
    assert done.returncode == 0 and len(receipts_of(done)) == 1
    assert "2" in done.err or receipts_of(done)[0].get("ignored") == 2


def test_the_largest_petition_goes_through(shared):
    """65,536 bytes of text after NFC are allowed, also when they come decomposed."""
    text = "ế" * 21845 + "a"
    assert len(text.encode()) == 65536
    done = submit(shared, {**ONE, "text": unicodedata.normalize("NFD", text)})
    assert done.returncode == 0, done.err
    assert submit(shared, {**ONE, "text": text + "b"}).returncode == 1


@pytest.mark.parametrize("words", [
    ["submit", "--no-such"], ["no-such-verb"], ["submit", "--file"], ["show"], ["act", "X"]])
def test_wrong_usage_is_status_2(shared, words):
    """The command line is a contract: 2 means wrong usage, said on standard error."""
    done = shared.cli(*words)
    assert done.returncode == 2 and done.err and not done.out


def test_nobody_there_is_status_3(instance):
    """3 means that a service cannot be reached."""
    one = instance("nobody")
    words = ["--timeout", "1"]
    nowhere = {"DAUMOI_REDIS": f"unix:{one.run}/none.sock"}
    done = submit(one, ONE, words=words, environment=nowhere)
    assert done.returncode == 3 and done.err
    one.prepare()
    done = submit(one, ONE, words=words)
    assert done.returncode == 3 and done.err


def test_progress_is_shown_on_a_terminal(shared, tmp_path):
    """A person who submits a large file sees how many went how fast."""
    file = tmp_path / "many.jsonl"
    file.write_text(petitions.jsonl(petitions.many(500, "pty")))
    master, slave = pty.openpty()
    intake, = shared.copies("intake")
    intake.freeze()  # so that there is time to look
    running = subprocess.Popen(
        [harness.BIN / "daumoi", "--json", "submit", "--file", file], stdout=subprocess.DEVNULL,
        stderr=slave, env={**os.environ, **shared.environment})
    os.close(slave)
    said = b""
    with contextlib.suppress(OSError):  # the terminal ends with the program
        while True:
            said += os.read(master, 65536)
            if b"/s" in said:
                intake.thaw()
    os.close(master)
    intake.thaw()
    assert running.wait(60) == 0
    assert re.search(rb"\d+/s", said) and b"500" in said
