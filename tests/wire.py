"""The messages of the product, spoken by a stranger: frames, requests, a desk under load, a worker.

Written from the description in common/message.h, not from its code.
"""

import itertools
import json
import secrets
import struct
import threading
import time

import msgpack
import zmq

KIND = 16


def header(kind, number=0):
    return kind.encode().ljust(KIND, b"\0") + struct.pack(">Q", number)


def read_header(frame):
    return frame[:KIND].rstrip(b"\0").decode(), struct.unpack(">Q", frame[KIND:])[0]


def socket(kind, endpoint=None):
    made = zmq.Context.instance().socket(kind)
    made.linger = 0
    if endpoint:
        made.connect(endpoint)
    return made


def ask(endpoint, kind, body, seconds=10, raw=False):
    """One request, its reply as a dictionary; None when none came."""
    with socket(zmq.DEALER, endpoint) as dealer:
        dealer.send_multipart([header(kind, 7), body if raw else msgpack.packb(body)])
        if not dealer.poll(seconds * 1000):
            return None
        frames = dealer.recv_multipart()
        assert read_header(frames[0]) == ("reply/1", 7)
        return msgpack.unpackb(frames[1])


def requests_of(instance, service):
    return [row["requests"] for row in instance.rows()
            if row["service"] == service and row.get("requests")]


def offers_of(instance, kind, service=None):
    return [row["offers"] for row in instance.rows()
            if row.get("kind") == kind and service in (None, row["service"])]


class Desk:
    """A reception point that hands in many petitions at once and repeats until it has a receipt.

    Every petition has a key. What a refusal says is done: "try again" is tried again. All receipts
    ever seen are kept, also the second and third one of a petition.
    """

    SILENCE_S = 3

    def __init__(self, instance, petitions, window=256):
        self.instance, self.window = instance, window
        self.todo = iter(petitions)
        self.receipts = {}   # key -> code
        self.seen = 0        # receipts that came, repeated ones counted
        self.repeated = 0
        self.refused = {}    # key -> reply, for good
        self.again = {}      # refusal that asked to try again -> how often
        self.last_again = None
        self.doubles = []    # keys that got two different receipts
        self.sent = 0
        self.flying = {}     # number -> (petition, deadline)
        self.later = []      # (when, petition)
        self.sockets, self.numbers = {}, itertools.count(1)
        self.stopping, self.error = False, None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def finish(self, seconds=300):
        """Waits until each petition has its answer; returns key -> code."""
        self.thread.join(seconds)
        if self.thread.is_alive():
            self.stopping = True
            self.thread.join(10)
            raise AssertionError(f"after {seconds} s {len(self.receipts)} receipts, "
                                 f"{len(self.flying) + len(self.later)} unanswered, {self.again}, "
                                 f"last: {self.last_again}")
        if self.error:
            raise self.error
        assert not self.doubles, f"two receipts for one petition: {self.doubles[:5]}"
        return self.receipts

    def _run(self):
        try:
            looked = 0
            while not self.stopping:
                now = time.monotonic()
                if now - looked > 0.5:
                    self._look()
                    looked = now
                self._overdue(now)
                more = self._send(now)
                if not more and not self.flying and not self.later:
                    break
                self._receive()
        except Exception as error:  # shown by finish, in the test's own thread
            self.error = error
        finally:
            for one in self.sockets.values():
                one.close()

    def _look(self):
        """Copies of intake that are in the registry; one that is gone is left."""
        try:
            present = set(requests_of(self.instance, "intake"))
        except Exception:  # Redis is away: go on with those known
            return
        for endpoint in present - set(self.sockets):
            self.sockets[endpoint] = socket(zmq.DEALER, endpoint)
        for endpoint in set(self.sockets) - present:
            self.sockets.pop(endpoint).close()

    def _overdue(self, now):
        for number in [n for n, (_, deadline) in self.flying.items() if deadline < now]:
            self.later.append((now, self.flying.pop(number)[0]))

    def _next(self, now):
        for at, (when, petition) in enumerate(self.later):
            if when <= now:
                del self.later[at]
                return petition
        petition = next(self.todo, None)
        if petition is not None:
            self.sent += 1
        return petition

    def _send(self, now):
        """False when nothing new is left."""
        room = min(64, self.window - len(self.flying))
        for _ in range(room if self.sockets else 0):
            petition = self._next(now)
            if petition is None:
                return False
            number = next(self.numbers)
            endpoint = list(self.sockets)[number % len(self.sockets)]
            self.flying[number] = (petition, now + self.SILENCE_S)
            try:
                self.sockets[endpoint].send_multipart(
                    [header("submit/1", number), msgpack.packb(petition)], zmq.DONTWAIT)
            except zmq.Again:
                pass  # overdue it will be sent again
        return True

    def _receive(self):
        poller = zmq.Poller()
        for one in self.sockets.values():
            poller.register(one, zmq.POLLIN)
        if not self.sockets:
            time.sleep(0.05)
        for one, _ in poller.poll(20):
            for _ in range(256):
                try:
                    frames = one.recv_multipart(zmq.DONTWAIT)
                except zmq.Again:
                    break
                self._reply(read_header(frames[0])[1], msgpack.unpackb(frames[1]))

    def _reply(self, number, reply):
        if number not in self.flying:
            return  # an answer to what had been given up: the repeat will tell the same
        petition, _ = self.flying.pop(number)
        key = petition["key"]
        if reply["refusal"] == "done":
            self.seen += 1
            self.repeated += bool(reply.get("repeated"))
            if self.receipts.setdefault(key, reply["code"]) != reply["code"]:
                self.doubles.append(key)
        elif reply["refusal"] in ("busy", "unavailable"):
            self.again[reply["refusal"]] = self.again.get(reply["refusal"], 0) + 1
            self.last_again = reply
            wait = min(reply.get("retry_ms") or 200, 1000) / 1000
            self.later.append((time.monotonic() + wait, petition))
        else:
            self.refused[key] = reply


class Worker:
    """A worker that speaks the protocol of offers, and dies when the test wants it."""

    def __init__(self, endpoint, kind="offer/1", window=16):
        self.dealer, self.kind, self.window = socket(zmq.DEALER, endpoint), kind, window
        self.epoch, self.seen, self.open = secrets.token_urlsafe(12), 0, 0

    def credit(self):
        self.dealer.send_multipart([header("credit/1"), msgpack.packb({
            "epoch": self.epoch, "seen": self.seen, "open": self.open, "window": self.window})])

    def take(self, seconds=0.2):
        """Offers that came; reported as taken, never as done."""
        taken = []
        while self.dealer.poll(int(seconds * 1000)):
            frames = self.dealer.recv_multipart()
            kind, number = read_header(frames[0])
            if kind == self.kind:
                self.seen, self.open = number, self.open + 1
                taken.append(msgpack.unpackb(frames[1]))
        if taken:
            self.credit()
        return taken

    def die(self):
        self.dealer.close()


class FalseSource:
    """A source of offers in the registry that sends what it likes to the workers that come."""

    def __init__(self, instance, kind):
        self.instance, self.kind, self.copy = instance, kind, secrets.token_urlsafe(12)
        self.router, self.sent = socket(zmq.ROUTER), {}
        if instance.environment["DAUMOI_RUN"]:
            self.endpoint = f"ipc://{instance.run}/false-{self.copy[:8]}"
            self.router.bind(self.endpoint)
        else:
            self.endpoint = f"tcp://127.0.0.1:{self.router.bind_to_random_port('tcp://127.0.0.1')}"
        row = {"copy": self.copy, "service": "false", "kind": kind, "offers": self.endpoint}
        self._beat(json.dumps(row), 60000)

    def _beat(self, row, ttl_ms):
        self.instance.redis.client.fcall(
            "dm1_beat", 3, "{p00}meta", "{p00}registry", "{p00}copies", ttl_ms, self.copy, row)

    def workers(self, seconds=0.0):
        """Routing ids of those that told their credit; answers each with a sign of life."""
        while self.router.poll(int(seconds * 1000)):
            route, head, body = self.router.recv_multipart()
            if read_header(head)[0] == "credit/1":
                self.sent.setdefault(route, msgpack.unpackb(body).get("seen", 0))
                self.router.send_multipart([route, header("beat/1"), b"\x80"])
            seconds = 0
        return list(self.sent)

    def await_worker(self, seconds=20):
        self.workers(seconds)
        assert self.sent, "no worker came"
        return self.workers()[-1]

    def offer(self, route, body):
        self.sent[route] += 1
        self.router.send_multipart([route, header(self.kind, self.sent[route]), body])

    def close(self):
        self._beat("", 0)
        self.router.close()


class FalseClassification:
    """Takes offers and gives labels without reading; dies with its whole batch at one text."""

    LABELS = {"type": {"value": "phan_anh", "confidence": 990},
              "field": {"value": "transport", "confidence": 990},
              "place": {"value": "ha-tu", "confidence": 990}, "model": "false"}

    def __init__(self, instance, deadly):
        self.deadly, self.dead = deadly, False
        self.workers = [Worker(endpoint, window=64) for endpoint in offers_of(instance, "offer/1")]
        self.labelled = FalseSource(instance, "labelled/1")
        self.assignment = self.labelled.await_worker()

    def turn(self):
        """True when it has died."""
        self.labelled.workers()
        for worker in self.workers:
            worker.credit()
            batch = worker.take(0.05)
            if any(offer["head"]["id"] == self.deadly for offer in batch):
                self.dead = True
                self.close()
                return True
            for offer in batch:
                self.labelled.offer(self.assignment, msgpack.packb(
                    {"head": offer["head"], "labels": self.LABELS}))
                worker.open -= 1
        return False

    def close(self):
        for worker in self.workers:
            worker.die()
        self.labelled.close()
