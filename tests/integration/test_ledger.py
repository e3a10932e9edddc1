"""The library of functions in Redis: what it must never do, and that the judge would see it.

For each of the promises that the ledger keeps, the place that keeps it is broken once: the judge,
who reads Redis on his own, must notice, and so must `daumoi verify`.
"""

import contextlib
import re

import pytest
import redis

import harness
import ledger
import oracle

SOURCE = (harness.ROOT / "common/ledger.lua").read_text()


def assign(book, case, **other):
    pairs = {"s": "assigned", "u": "so-xd", "o": "head", "n": book.now() + 1000, **other}
    return book.change(case, "assign", pairs)


def breaches(instance):
    return oracle.Oracle(instance.redis.client).read().check().breaches


# --- broken on purpose: (promise, name, what stands there, what is put there, what is tried)

def rob(book):
    """An act that may not move the owner moves it."""
    case = book.case()
    book.change(case, "propose", {"s": "triage", "n": book.now() + 1000, "u": "so-xd"})


def orphan(book):
    """A case is left without an owner."""
    case = book.case()
    book.change(case, "assign", {"s": "assigned", "u": "", "o": "head", "n": book.now() + 1000})


def forget(book):
    """A change is written without its entry."""
    assign(book, book.case())


def lengthen(book):
    """A field that no act may set is set, so that a part of the record has no place."""
    case = book.case()
    assign(book, case, d="tcd-ha-tu")


def sleep_for_ever(book):
    """A live case is left without an alarm."""
    case = book.case()
    book.change(case, "propose", {"s": "triage", "n": ""})


def repeat(book):
    """The same petition twice gets two numbers."""
    case = ledger.operation()
    for _ in range(2):
        book.register(ids=[case], bodies=[b"same"])


def refill(book):
    """The same key with another content takes the place of the first."""
    case = ledger.operation()
    for body in (b"one", b"two"):
        book.register(ids=[case], bodies=[body])


def number(book):
    """Two petitions of a desk and day get the same number."""
    book.register(3)


def repeat_change(book):
    """The same operation twice is done twice."""
    case = book.case()
    operation = ledger.operation()
    for _ in range(2):
        book.change(case, "propose", {"s": "triage", "n": book.now() + 1000}, op=operation)


MUTATIONS = [
    (1, "owner-moves", "if owner_before and u ~= owner_before and not action.owner then return 'owner' end",
     "", rob),
    (1, "no-owner", "if not u or u == '' or not o or o == '' then return 'owner' end", "", orphan),
    (3, "no-alarm", "if LIVE[s] and not (alarm and alarm > 0) then return 'alarm' end", "",
     sleep_for_ever),
    (4, "repeats", "if look or w.fresh[record] then", "if false then", repeat),
    (4, "conflicts", "if look or w.fresh[record] then", "if false then", refill),
    (4, "one-number", "redis.call('LLEN', serials)) + 1", "0) + 1", number),
    (4, "no-register", "add(w.rpush, serials, id)",
     "if serial % 2 == 1 then add(w.rpush, serials, id) end", number),
    (8, "no-entry", "redis.call('RPUSH', journal, head(w, version + 1, time, 0) .. entry)", "",
     forget),
    (8, "no-record", "redis.call('HSET', record, unpack(set))",
     "redis.call('HSET', record, 'v', version + 1)", forget),
    (8, "stale", "if r[1] ~= expected then", "if false then", repeat_change),
]
# A mutation shows only when the other line that keeps the same promise goes with it.
TOGETHER = {
    "owner-moves": [("if not allowed[name] or type(value) ~= 'string' then return 'field ' .. name, version end",
                     "")],
    "stale": [("if among(q, e[3]) then return 'repeated', version end", "")],
}


@pytest.fixture
def book(instance):
    """A fresh data set with the real library, and no service."""
    one = instance("ledger").prepare()
    one.book = ledger.Ledger(one.redis.client)
    return one


def attack(one, action):
    with contextlib.suppress(redis.ResponseError):
        action(one.book)


@pytest.mark.parametrize("promise,name,there,instead,action", MUTATIONS,
                         ids=[f"promise-{m[0]}-{m[1]}" for m in MUTATIONS])
def test_the_judge_sees_a_broken_ledger(book, promise, name, there, instead, action):
    """Promises 1, 3, 4, 8: kept by the line that is taken out here."""
    attack(book, action)
    assert breaches(book) == []
    assert book.cli("verify").returncode == 0
    text = ledger.library(book.redis.client)
    for before, after in [(there, instead), *TOGETHER.get(name, [])]:
        assert text.count(before) == 1, f"ledger.lua has changed: {before}"
        text = text.replace(before, after)
    ledger.load(book.redis.client, text)
    attack(book, action)
    found = breaches(book)
    print(f"promise {promise} broken: {found[:2]}")
    assert found, "the judge does not see it"
    assert book.cli("verify").returncode == 1, "daumoi verify does not see it"


# --- what the library itself must be

def test_keys_come_only_from_KEYS():
    """Promise 4 on a cluster: each key that a command touches was declared by the caller."""
    source = re.sub(r"--.*", "", SOURCE)
    names = {"record", "journal", "serials", "owner_before", "owner_after", "meta", "key"}
    declared = rf"keys\[[^\]]+\]|{'|'.join(names)}|w\.feed_key|unpack\((records|w\.bodies)\)"
    commands = re.findall(r"\b(?:call|index)\('(\w+)'(?:, ((?:[\w.]|\[[^\]]+\]|\([\w.]+\))+))?", source)
    assert len(commands) == len(re.findall(r"\bcall\(|\bindex\('", source)) > 20
    for command, key in commands:
        assert command == "TIME" or re.fullmatch(declared, key), f"{command} takes the key {key}"
    # Only one command has its name and key from elsewhere: from lists with keys of the same kind.
    assert re.findall(r"\bpcall\(([^,]+), (\w+)", source) == [
        ("command", "key"), ("register_one", "w"), ("change_one", "w")]
    for key in re.findall(r"\badd\(w\.\w+, ([^,]+),", source):
        assert re.fullmatch(r"keys\[\d\]|serials|owner|owner_before|owner_after", key), key
    # The names are what the caller declared, in both functions.
    assigned = re.findall(
        r"local (record, journal, [\w, ]+?) =\s+(keys\[b \+ \d\](?:,\s*keys\[b \+ \d\])+)", source)
    assert len(assigned) == 2 and {name for names_, _ in assigned for name in names_.split(", ")} == {
        "record", "journal", "serials", "owner", "owner_before", "owner_after"}
    assert "records[i] = keys[1 + i * 5]" in source and "feed_key = keys[4]" in source
    assert "w.bodies[#w.bodies + 1] = keys[b + 2]" in source
    for called, first in re.findall(r"\b(trouble|done_before|register_again)\((\S+?),", source):
        assert first in names | {"keys[1]"}, (called, first)


def test_every_write_to_a_case_is_in_the_ledger():
    """Promise 8: no service writes a case with a command of its own."""
    writes = re.compile(r'SLICE \("(HSET|SET|RPUSH|LPUSH|ZADD|ZREM|HDEL|DEL|LREM|LSET|SADD|XADD|'
                        r'HINCRBY|EXPIRE|RENAME|UNLINK|HMSET|ZINCRBY|LTRIM)"\)')
    for path in (*harness.ROOT.glob("services/*/*.c"), *harness.ROOT.glob("common/*.c")):
        if path.name in ("verb_init.c", "verb_clock.c", "verb_profile.c"):
            continue  # these write the record of the data set, of no case
        assert not writes.search(path.read_text()), path


def test_a_foreign_key_in_a_call_is_refused(book):
    """Promise 1: the list of an owner that is not the case's owner cannot be touched."""
    case = book.book.case()
    status = book.book.change(case, "assign", {"s": "assigned", "u": "so-xd", "o": "head",
                                               "n": book.book.now() + 1000}, owner_after="so-yt")
    assert status[0] == "keys"
    assert breaches(book) == []


@pytest.mark.parametrize("broken", [
    {"u": ""}, {"o": ""}, {"n": ""}, {"n": "-1"}, {"s": "assigned"}, {"s": "closed"}, {"d": "x"},
    {"t": "to_cao"}, {"v": "7"}, {"q": "x"}, {"i": "5"}, {"y": "26112"}])
def test_a_wrong_registration_leaves_nothing(book, broken):
    """Promise 4: a registration is complete or absent."""
    status = book.book.register(**broken)[0][0]
    assert status not in ("done", "repeated")
    names = [name for name in book.redis.client.scan_iter("*") if name != b"{p00}meta"]
    assert names == []


@pytest.mark.parametrize("actor", ["", "machine", "machine:assignment"])
def test_a_machine_ends_no_case(book, actor):
    """What ends a case at the desk is a named person's act, whatever a service believes."""
    one, case = book.book, ledger.operation()
    one.register(ids=[case])
    one.change(case, "propose", {"s": "triage", "n": one.now() + 1000})
    ended = {"s": "filed", "n": ""}
    assert one.change(case, "file", ended, actor=actor)[0] == "person"
    assert one.change(case, "file", ended, actor="nv.an") == ("done", 3)
    assert breaches(book) == []


def test_repeats_and_new_ones_share_a_batch(book):
    """Promise 4: in one call, what was there gets its first answer, what is new is registered."""
    one, old, new = book.book, ledger.operation(), ledger.operation()
    first = one.register(ids=[old], bodies=[b"a"])[0]
    answers = one.register(4, ids=[old, new, new, old], bodies=[b"a", b"b", b"b", b"other"])
    assert [answer[0] for answer in answers] == ["repeated", "done", "repeated", "conflict"]
    assert [answer[1] for answer in answers] == [first[1], 2, 2, 0]
    assert breaches(book) == []


def test_one_wrong_case_does_not_stop_its_batch(book):
    """Each case of a batch is written under a guard of its own."""
    client, one = book.redis.client, book.book
    ids = [one.case() for _ in range(5)]
    client.rename(one.key("j:", ids[2]), "aside")
    client.set(one.key("j:", ids[2]), "no list")
    answers = [assign(one, case)[0] for case in ids]
    assert answers == ["done", "done", "error", "done", "done"]
    client.delete(one.key("j:", ids[2]))
    client.rename("aside", one.key("j:", ids[2]))
    assert assign(one, ids[2])[0] == "done"
    assert breaches(book) == []


def test_a_repeat_gets_the_first_answer(book):
    """A lost reply means: outcome unknown. The same operation again changes nothing."""
    one = book.book
    case = one.case()
    pairs = {"s": "assigned", "u": "so-xd", "o": "head", "n": one.now() + 1000}
    assert one.change(case, "assign", pairs, version=1, op="a" * 16) == ("done", 2)
    assert one.change(case, "assign", pairs, version=1, op="a" * 16) == ("repeated", 2)
    for at in range(6):
        one.change(case, "recuse", {"s": "assigned", "n": one.now() + 1000 + at})
    assert one.change(case, "assign", pairs, version=1, op="a" * 16) == ("repeated", 2)
    assert one.change(case, "assign", pairs, version=1, op="b" * 16) == ("stale", 8)
    assert breaches(book) == []


def test_new_and_repeated_petitions_share_a_batch(book):
    """Promise 4: a repeat in a batch is told apart from what is new there, also within the batch."""
    one = book.book
    old, new = ledger.operation(), ledger.operation()
    bodies = {old: b"old", new: b"new"}
    assert [answer[:2] for answer in one.register(ids=[old], bodies=[b"old"])] == [("done", 1)]
    ids = [new, old, new, ledger.operation()]
    answers = one.register(ids=ids, bodies=[bodies.get(case, b"other") for case in ids])
    assert [answer[:2] for answer in answers] == [
        ("done", 2), ("repeated", 1), ("repeated", 2), ("done", 3)]
    assert one.register(ids=[old], bodies=[b"changed"])[0][0] == "conflict"
    assert breaches(book) == []


def test_legal_time_must_be_near_the_servers(book):
    """A machine with a wrong clock cannot write."""
    one = book.book
    wrong = one.now() - 6000
    one.now = lambda: wrong
    with pytest.raises(redis.ResponseError, match="REFUSED time"):
        one.register()


def test_another_profile_is_refused(book):
    """A change that was computed under another profile does not reach a case."""
    one = book.book
    one.register()
    keep = one.client.hget
    one.client.hget = lambda *words: b"0" * 32
    try:
        with pytest.raises(redis.ResponseError, match="REFUSED profile"):
            one.register()
    finally:
        one.client.hget = keep
