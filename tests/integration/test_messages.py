"""What arrives on a socket and is no message of ours: each service drops it, lives, and works."""

import random
import struct

import msgpack
import pytest
import zmq

import harness
import oracle
import petitions
import wire
from harness import wait_until

BIG = 2**63 - 1


def bodies():
    """Bodies that no decoder may trust."""
    rng = random.Random(7)
    good = msgpack.packb({"desk": "tcd-tinh", "text": "a", "petitioner": {"name": "b"}})
    yield from (good[:at] for at in range(len(good)))       # truncated
    yield from (good + b"\x00", good + good)                # something behind
    yield b""
    yield b"\xdd\xff\xff\xff\xff"                           # a list of four thousand million
    yield b"\xdf\xff\xff\xff\xff"
    yield b"\xdb\xff\xff\xff\xff"
    yield b"\x91" * 100000                                  # deep
    yield b"\xc1"                                           # no msgpack at all
    yield b"\xd4\x01\x00"                                   # an extension type
    yield msgpack.packb([1, 2, 3])
    yield msgpack.packb({1: 2})
    yield msgpack.packb({"desk": 7, "text": []})
    yield b"\x82\xa4desk\xa1a\xa4desk\xa1b"                 # a field twice
    yield msgpack.packb({f"field{n}": n for n in range(5000)})
    yield msgpack.packb({"text": "x" * 400000, "desk": "tcd-tinh"})
    for size in (1, 10, 100, 1000, 10000):
        yield from (rng.randbytes(size) for _ in range(5))
    for _ in range(300):                                    # one byte changed
        at = rng.randrange(len(good))
        yield good[:at] + bytes([rng.randrange(256)]) + good[at + 1:]


def credits_():
    """Credits that say what cannot be."""
    epoch = "e" * 16
    for values in ({"seen": BIG, "open": 0, "window": 10}, {"seen": -1, "open": 0, "window": 10},
                   {"seen": 0, "open": BIG, "window": BIG}, {"seen": 0, "open": -BIG, "window": 1},
                   {"seen": 5, "open": 0, "window": 1}, {"seen": 2**62, "open": 2**62, "window": 1},
                   {"seen": 0, "open": 0, "window": -1}, {"seen": "x"}, {}):
        yield msgpack.packb({"epoch": epoch, **values})
        yield msgpack.packb({"epoch": epoch, "seen": 0, "open": 0, "window": 0})
    yield msgpack.packb({"epoch": "short", "seen": 0, "open": 0, "window": 1})
    yield msgpack.packb({"seen": 0, "open": 0, "window": 1})
    yield msgpack.packb({"epoch": "é" * 8, "seen": 0, "open": 0, "window": 1})


KINDS = ["submit/1", "submit/2", "act/1", "offer/1", "labelled/1", "credit/1", "beat/1", "reply/1",
         "", "x" * 16, "credit/99"]


def frames():
    """Whole messages: headers, counts and sizes of frames that are not ours."""
    good = wire.header("submit/1", 1)
    body = msgpack.packb({"desk": "tcd-tinh"})
    yield from ([b""], [good], [good, body, body], [body, good], [good[:-1], body],
                [good + b"\0", body], [b"", good, body], [b"", b"", b""], [b"x"] * 40)
    yield [b"\xff" * 24, body]
    for body in bodies():
        yield [wire.header("submit/1", BIG), body]
    for kind in KINDS:
        for body in (b"\x80", b"", msgpack.packb({"code": "x", "action": "triage"})):
            yield [wire.header(kind, 2**64 - 1), body]
    for body in credits_():
        yield [wire.header("credit/1"), body]
    yield [b"the last one"]


def is_malformed(message):
    """By its frames alone: a header of 24 bytes and a body."""
    return len(message) != 2 or len(message[0]) != 24


def endpoints(one, service):
    """Every socket that this service binds."""
    found = set()
    for row in one.rows():
        if row["service"] == service:
            found |= {row[name] for name in ("requests", "offers", "second_offers") if row.get(name)}
    return found


def works(one, prefix):
    """A petition goes through all stages."""
    receipts = wire.Desk(one, petitions.many(20, prefix)).start().finish(120)
    assert len(receipts) == 20
    one.await_settled(expire=True)  # what a stranger took by a false credit comes again
    return receipts


def pids(one):
    return {name: process.pid for name, process in one.services.items() if process.runs()}


@pytest.mark.parametrize("service", harness.SERVICES)
def test_anything_on_every_bound_socket(shared, service):
    """Truncated, oversized, of another version, random: dropped, counted; the service works on."""
    before = pids(shared)
    found = endpoints(shared, service)
    assert len(found) == {"intake": 2, "classification": 1, "assignment": 1, "escalation": 2}[service]
    process, = shared.copies(service)
    malformed = counted = shared.metrics(process).get("daumoi_messages_malformed_total", 0)
    for endpoint in found:
        with wire.socket(zmq.DEALER, endpoint) as dealer, wire.socket(zmq.DEALER, endpoint) as huge:
            dealer.sndhwm = 0
            huge.send_multipart([wire.header("submit/1"), bytes(700 * 1024)])
            for message in frames():
                dealer.send_multipart(message)
                malformed += is_malformed(message)
            wait_until(
                lambda: shared.metrics(process)["daumoi_messages_malformed_total"] == malformed,
                "every malformed message is counted, the last one, too")
    assert malformed > counted
    works(shared, f"bound-{service}")
    assert pids(shared) == before


def test_a_stranger_s_credit_takes_no_work_for_ever(shared):
    """Who promises to take work and never does holds up nothing for longer than a lease."""
    endpoints_ = wire.offers_of(shared, "offer/1")
    strangers = [wire.Worker(endpoint, window=1000) for endpoint in endpoints_]
    for stranger in strangers:
        stranger.credit()
    receipts = wire.Desk(shared, petitions.many(50, "stranger")).start().finish(60)
    for stranger in strangers:
        stranger.die()
    shared.await_settled(expire=True)
    assert len(receipts) == 50


@pytest.mark.parametrize("kind,service", [("offer/1", "classification"), ("labelled/1", "assignment")])
def test_anything_offered_to_a_worker(shared, kind, service):
    """A source that offers nonsense: the worker drops it, and takes from the others as before."""
    before = pids(shared)
    source = wire.FalseSource(shared, kind)
    try:
        route = source.await_worker()
        head = {"id": "x" * 16, "version": 1, "desk": "tcd-tinh", "received_ms": 1}
        nonsense = [*bodies(), msgpack.packb({"head": head}), msgpack.packb({"head": {}, "body": b""}),
                    msgpack.packb({"head": head, "body": b"\x01" * 200}),
                    msgpack.packb({"head": {**head, "desk": "tcd-mars"}, "body": b"", "labels": {}}),
                    msgpack.packb({"head": {**head, "version": -BIG}, "labels": {"flags": BIG}})]
        for number, body in enumerate(nonsense, 1):
            source.workers()
            source.router.send_multipart([route, wire.header(kind, number), body])
        for message in ([b"", b""], [wire.header(kind)], [wire.header(kind, BIG), b"\x80", b""],
                        [wire.header(kind, 2**64 - 1), b"\x80"], [wire.header("beat/2"), b""],
                        [wire.header(kind, BIG), b"\x80"], [bytes(24), b"\x80"]):
            source.router.send_multipart([route, *message])
        works(shared, f"offered-{service}")
    finally:
        source.close()
    assert pids(shared) == before
    process, = shared.copies(service)
    wait_until(lambda: open_of(shared, service) == 0, "nothing stays open")
    assert process.runs()


def open_of(one, service):
    return sum(row.get("open", 0) for row in one.rows() if row["service"] == service)


def test_no_tcp_port_is_open_to_others(shared):
    """With sockets in the run folder no service listens on TCP, but for /metrics on loopback."""
    table = open("/proc/net/tcp").read().splitlines()[1:]
    inodes = set()
    for process in shared.services.values():
        for fd in harness.pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
            target = str(fd.readlink())
            if target.startswith("socket:"):
                inodes.add(target[8:-1])
    for line in table:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in inodes:  # listening
            address = struct.pack("<I", int(fields[1].split(":")[0], 16))
            assert address[0] == 127


def test_everything_that_was_sent_is_sound(shared, judge):
    """Promises 1, 4, 8 after all of the above."""
    shared.await_settled()
    judge(shared)
    assert oracle.Oracle(shared.redis.client).read().cases
