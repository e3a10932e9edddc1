"""The judge: reads Redis directly and says whether everything that was promised holds.

It shares no code with the product: journals are decoded, folded and compared here again.

    receipts    every receipt that was shown exists exactly once; serials have no gap, no repeat (4)
    owner       exactly one owner at every version, changed only by the acts that may (1)
    alarm       a live case has a next alarm and stands in the index of alarms (3)
    journal     versions without gaps, times that never go back, its fold is the record (8)
    settled     no case waits for a machine step any more
"""

import base64
import collections
import dataclasses
import hashlib
import re

import msgpack

ENDED = {"guided", "filed"}
STATES = {"received", "triage", "assigned", "transferred"} | ENDED
MOVES_OWNER = {"register", "assign", "recuse"}
CHECKS = "ABCDEFGHJKLMNPRSTUVWXYZ"
CODE = re.compile(r"^H49\.(?P<desk>[a-z0-9_.-]+)-(?P<day>\d{6})-(?P<serial>\d{4,12})(?P<check>[A-Z])$")


def check_letter(text):
    """The letter at the end of a receipt code, by its description in common/code.h."""
    def worth(char):
        if char.isdigit():
            return int(char)
        return ord(char.lower()) - ord("a") + 10 if char.isalpha() else {".": 36, "-": 37}.get(char, 38)
    total = sum((at % 22 + 1) * worth(char) for at, char in enumerate(reversed(text)))
    return CHECKS[total % 23]


@dataclasses.dataclass
class Case:
    partition: str
    id: str
    record: dict = None
    entries: list = None
    body: bytes = None


def decode(element):
    """version, time, serial, action, actor, operation, why, pairs"""
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(element)
    version, time_ms, serial, entry = (unpacker.unpack() for _ in range(4))
    action, actor, operation, why, words = entry
    if unpacker.tell() != len(element):
        raise ValueError("something behind the entry")
    return (version, time_ms, serial, action.decode(), actor.decode(), operation.decode(), why,
            [(words[i].decode(), words[i + 1]) for i in range(0, len(words), 2)])


def fold(entries):
    record, operations = {}, b""
    for version, time_ms, serial, _, _, operation, _, pairs in entries:
        for name, value in pairs:
            if value == b"":
                record.pop(name, None)
            else:
                record[name] = value
        if serial:
            record["i"] = b"%d" % serial
        operations = (operations + operation.encode())[-64:]
        record.update(v=b"%d" % version, m=b"%d" % time_ms, q=operations)
    return record


class Oracle:
    def __init__(self, client):
        self.client, self.breaches = client, []
        self.cases, self.registers, self.indexes = {}, {}, {}

    def breach(self, *words):
        self.breaches.append(" ".join(str(word) for word in words))

    # --- reading

    def _pipe(self, items, command):
        items, answers = list(items), []
        for at in range(0, len(items), 2000):
            pipe = self.client.pipeline(transaction=False)
            for item in items[at:at + 2000]:
                command(pipe, item)
            answers += pipe.execute(raise_on_error=False)
        return zip(items, answers)

    def read(self):
        """The whole data set. Keys of a wrong type are breaches, not exceptions."""
        kinds = collections.defaultdict(list)
        for name in self.client.scan_iter("{p*", 5000):
            partition, rest = name.decode()[:5], name.decode()[5:]
            kinds[rest.split(":")[0] if ":" in rest else rest].append((partition, name.decode()))
        for partition, name in kinds["c"]:
            self.cases[name[7:]] = Case(partition, name[7:])
        self._records()
        for (_, name), ids in self._pipe(kinds["s"], lambda p, at: p.lrange(at[1], 0, -1)):
            self.registers[name] = [one.decode() for one in self._sound(name, ids, [])]
        for kind in ("o", "alarm", "lease"):
            for (_, name), rows in self._pipe(
                    kinds[kind], lambda p, at: p.zrange(at[1], 0, -1, withscores=True)):
                self.indexes[name] = {one.decode(): score
                                      for one, score in self._sound(name, rows, [])}
        days = [self.client.smembers(name) for _, name in kinds["days"]]
        if {one.decode() for names in days for one in names} != set(self.registers):
            self.breach("the list of registers is not the registers")
        self._orphans(kinds)
        return self

    def _sound(self, name, answer, otherwise):
        if isinstance(answer, Exception):
            self.breach(name, answer)
            return otherwise
        return answer

    def _records(self):
        cases = list(self.cases.values())
        for case, record in self._pipe(
                cases, lambda p, c: p.hgetall(f"{c.partition}c:{c.id}")):
            case.record = {key.decode(): value
                           for key, value in self._sound(case.id, record, {}).items()}
        for case, elements in self._pipe(
                cases, lambda p, c: p.lrange(f"{c.partition}j:{c.id}", 0, -1)):
            try:
                case.entries = [decode(one) for one in self._sound(case.id, elements, [])]
            except (ValueError, TypeError, IndexError) as trouble:
                self.breach(case.id, "its journal cannot be read:", trouble)
                case.entries = []
        for case, body in self._pipe(cases, lambda p, c: p.get(f"{c.partition}b:{c.id}")):
            case.body = self._sound(case.id, body, None)

    def _orphans(self, kinds):
        for kind, word in (("j", "journal"), ("b", "body")):
            for _, name in kinds[kind]:
                if name[7:] not in self.cases:
                    self.breach("a", word, "without a case:", name)

    # --- judging

    def check(self):
        for case in self.cases.values():
            if not case.entries:
                self.breach(case.id, "has no journal")
                continue
            self._check_journal(case)
            self._check_owner(case)
            self._check_alarm(case)
            self._check_body(case)
        self._check_registers()
        self._check_strangers()
        return self

    def _check_journal(self, case):
        versions = [entry[0] for entry in case.entries]
        times = [entry[1] for entry in case.entries]
        operations = [entry[5] for entry in case.entries]
        if versions != list(range(1, len(versions) + 1)):
            self.breach(case.id, "versions", versions)
        if times != sorted(times):
            self.breach(case.id, "time goes back", times)
        if len(set(operations)) != len(operations) or not all(len(op) == 16 for op in operations):
            self.breach(case.id, "operations", operations)
        if case.entries[0][3] != "register" or any(e[3] == "register" for e in case.entries[1:]):
            self.breach(case.id, "is not registered once")
        folded = fold(case.entries)
        if folded != case.record:
            differ = {k for k in folded.keys() | case.record.keys()
                      if folded.get(k) != case.record.get(k)}
            self.breach(case.id, "the fold of the journal is not the record:", sorted(differ))

    def _check_owner(self, case):
        unit = officer = None
        for version, _, _, action, actor, _, _, pairs in case.entries:
            if len({name for name, _ in pairs}) != len(pairs):
                self.breach(case.id, "version", version, "sets a field twice")
            words = dict(pairs)
            before, unit = unit, words.get("u", unit)
            officer = words.get("o", officer)
            if not unit or not officer or not actor:
                self.breach(case.id, "version", version, "has no owner, officer or actor")
            if before != unit and action not in MOVES_OWNER:
                self.breach(case.id, "version", version, "owner moved by", action)
        owners = [name for name, index in self.indexes.items()
                  if name.startswith(f"{case.partition}o:") and case.id in index]
        live = case.record.get("s", b"").decode() not in ENDED
        mine = [f"{case.partition}o:{(unit or b'').decode()}"] if live else []
        if owners != mine:
            self.breach(case.id, "stands in the lists of", owners, "not of", mine)

    def _check_alarm(self, case):
        state = case.record.get("s", b"").decode()
        alarm = case.record.get("n")
        listed = self.indexes.get(f"{case.partition}alarm", {}).get(case.id)
        waits = case.id in self.indexes.get(f"{case.partition}lease", {})
        if state not in STATES:
            self.breach(case.id, "is in no state:", state)
        if state in ENDED and (alarm or listed):
            self.breach(case.id, "has ended and still an alarm")
        if state not in ENDED and (not alarm or listed != float(alarm)):
            self.breach(case.id, "is live, its alarm is", alarm, "and listed", listed)
        if waits != (state == "received"):
            self.breach(case.id, "is", state, "and has", "a" if waits else "no", "lease")

    def _check_body(self, case):
        if not case.body:
            self.breach(case.id, "has no body")
            return
        digest = hashlib.blake2b(case.body, digest_size=16).digest()[:9]
        if base64.urlsafe_b64encode(digest) != case.record.get("B"):
            self.breach(case.id, "its body is not the one registered")

    def _check_registers(self):
        listed = collections.Counter()
        for name, ids in self.registers.items():
            partition, desk, day = name[:5], *name[7:].rsplit(":", 1)
            for serial, case_id in enumerate(ids, 1):
                listed[case_id] += 1
                case = self.cases.get(case_id)
                told = case and [case.partition] + [
                    case.record.get(k, b"").decode() for k in "dyi"]
                if told != [partition, desk, day, str(serial)]:
                    self.breach(name, "number", serial, "is", case_id, "which says", told)
        if set(listed) != set(self.cases) or any(n != 1 for n in listed.values()):
            self.breach("registers hold", sum(listed.values()), "of", len(self.cases), "cases")

    def _check_strangers(self):
        for name, index in self.indexes.items():
            strangers = [one for one in index if one not in self.cases]
            if strangers:
                self.breach(name, "lists cases that do not exist:", strangers[:3])

    def case_of(self, code):
        """The case of a receipt code, None when there is none or the code is not one."""
        parts = CODE.match(code)
        if not parts or check_letter(code[:-1]) != parts["check"]:
            return None
        for name, ids in self.registers.items():
            if name[5:] == f"s:{parts['desk']}:{parts['day']}" and int(parts["serial"]) <= len(ids):
                return self.cases.get(ids[int(parts["serial"]) - 1])
        return None

    def check_receipts(self, receipts, only=True):
        """receipts: key -> code. `only`: there is no other case."""
        if len(set(receipts.values())) != len(receipts):
            self.breach("two petitions have the same receipt")
        for key, code in receipts.items():
            if self.case_of(code) is None:
                self.breach("receipt", code, "of", key, "does not exist")
        if only and len(self.cases) != len(receipts):
            self.breach(len(receipts), "receipts, but", len(self.cases), "cases")
        return self

    def check_settled(self):
        for case in self.cases.values():
            if case.record.get("s") == b"received":
                self.breach(case.id, "is still received")
        return self

    def states(self):
        return dict(collections.Counter(
            case.record.get("s", b"").decode() for case in self.cases.values()))


def judge(instance, receipts=None, sent=None, settled=True, only=True):
    """Everything at once, with `daumoi verify`; prints what was sent and what came out."""
    oracle = Oracle(instance.redis.client).read().check()
    if receipts is not None:
        oracle.check_receipts(receipts, only)
    if settled:
        oracle.check_settled()
    print(f"sent {len(receipts or {}) if sent is None else sent}, "
          f"receipts {len(receipts or {})}, cases {len(oracle.cases)}, states {oracle.states()}, "
          f"breaches {len(oracle.breaches)}")
    assert not oracle.breaches, f"{len(oracle.breaches)} breaches: {oracle.breaches[:8]}"
    verify = instance.cli("verify")
    assert verify.returncode == 0, (verify.out[-2000:], verify.err[-2000:])
    return oracle
