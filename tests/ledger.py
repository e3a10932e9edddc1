"""Calls the functions of common/ledger.lua directly, as a service does, or as one would that lies."""

import secrets

import msgpack

HEAD = {"dm1_register": ("meta", "lease", "alarm", "feed", "days"),
        "dm1_change": ("meta", "lease", "alarm", "feed", "tries")}


def operation():
    return secrets.token_urlsafe(12)


class Ledger:
    def __init__(self, client, partition=0, desk="tcd-tinh", unit="ban-tcd", day="261121"):
        self.client, self.base = client, f"{{p{partition:02d}}}"
        self.desk, self.unit, self.day = desk, unit, day

    def key(self, kind, rest=""):
        return f"{self.base}{kind}{rest}"

    def now(self):
        seconds, micro = self.client.time()
        return seconds * 1000 + micro // 1000

    def call(self, function, keys, words):
        head = [self.key(kind) for kind in HEAD[function]]
        profile = self.client.hget(self.key("meta"), "profile")
        before = [profile, self.now()]
        if function == "dm1_register":
            before += [15000, 90 * 86400000]
        return self.client.fcall(function, len(head) + len(keys), *head, *keys, *before, *words)

    def entry(self, action, pairs, actor="desk:test", op=None):
        words = [word for name, value in pairs.items() for word in (name, str(value))]
        return msgpack.packb([action, actor, op or operation(), "", words])

    def registration(self, **other):
        return {"s": "received", "d": self.desk, "y": self.day, "u": self.unit, "o": "head",
                "C": "counter", "r": self.now(), "w": self.now(),
                "n": self.now() + 86400000, **other}

    def register(self, count=1, ids=None, bodies=None, **other):
        """Registers `count` cases in one call; a list of (status, serial, day, received).

        The id of a case is the hash of its key: the same id is the same petition again.
        """
        ids = ids or [operation() for _ in range(count)]
        names, words = [], []
        for case, body in zip(ids, bodies or [secrets.token_bytes(40) for _ in ids]):
            pairs = self.registration(B=digest(body), F=digest(body), **other)
            names += [self.key("c:", case), self.key("b:", case), self.key("j:", case),
                      self.key("s:", f"{self.desk}:{self.day}"), self.key("o:", pairs["u"])]
            words += [case, body, self.entry("register", pairs)]
        answer = self.client_words(self.call("dm1_register", names, words))
        return [tuple(answer[at:at + 4]) for at in range(0, len(answer), 4)]

    def case(self, **other):
        """The id of a fresh case."""
        case = operation()
        assert self.register(ids=[case], **other)[0][0] == "done"
        return case

    def change(self, case, action, pairs, version=None, owner_after=None, op=None, actor="machine"):
        """(status, version) of one change."""
        record = self.client.hgetall(self.key("c:", case))
        before = record.get(b"u", b"").decode()
        names = [self.key("c:", case), self.key("j:", case), self.key("o:", before),
                 self.key("o:", pairs.get("u", before) if owner_after is None else owner_after)]
        words = [case, version or record[b"v"], self.entry(action, pairs, actor, op)]
        return tuple(self.client_words(self.call("dm1_change", names, words)))

    @staticmethod
    def client_words(answer):
        return [one.decode() if isinstance(one, bytes) else one for one in answer]


def digest(body):
    import base64
    import hashlib
    raw = hashlib.blake2b(body, digest_size=16).digest()[:9]
    return base64.urlsafe_b64encode(raw).decode()


def library(client):
    """The text of the library as it is loaded."""
    found = client.execute_command("FUNCTION", "LIST", "LIBRARYNAME", "daumoi_1", "WITHCODE")
    fields = dict(zip(found[0][::2], found[0][1::2]))
    return fields[b"library_code"].decode()


def load(client, text):
    client.execute_command("FUNCTION", "LOAD", "REPLACE", text)
