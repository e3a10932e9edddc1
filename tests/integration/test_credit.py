"""Credit between stages does not leak, however often connections are cut."""

import random
import threading

import petitions
import wire
from harness import wait_until
from proxy import Proxy


class Cutter:
    """Proxies in front of every endpoint of an instance; cuts them at random moments."""

    def __init__(self, one, host):
        self.one, self.host, self.proxies, self.cuts = one, host, {}, 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def look(self):
        """A proxy for each endpoint in the registry."""
        for row in self.one.rows():
            for name in ("requests", "offers", "second_offers"):
                endpoint = row.get(name)
                if endpoint and endpoint not in self.proxies:
                    host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
                    assert host == self.host
                    self.proxies[endpoint] = Proxy(host, "127.0.0.1", int(port))

    def _run(self):
        rng = random.Random(3)
        while not self.ending.wait(rng.uniform(0.02, 0.25)):
            self.cuts += rng.choice(list(self.proxies.values())).reset()

    def __enter__(self):
        self.look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()
        for proxy in self.proxies.values():
            proxy.close()

    def stop(self):
        self.ending.set()
        self.thread.join(10)


def test_credit_does_not_leak(instance, judge):
    """Connections between all services are reset again and again; then work flows as before."""
    host = f"127.{random.randint(2, 254)}.7.7"
    one = instance("credit", tcp=True, settings={
        "DAUMOI_BIND": "tcp://127.0.0.1:*", "DAUMOI_ADVERTISE": host})
    one.start(classification=2)
    with Cutter(one, host) as cutter:
        receipts = wire.Desk(one, petitions.many(4000, "cut")).start().finish(200)
        wait_until(lambda: cutter.cuts > 60, "connections were cut often")
        cutter.stop()
        one.await_settled(expire=True)
        wait_until(lambda: free_again(one), "nothing stays in flight")
        # All credit is there: as much as all windows together goes through without any lease.
        receipts |= wire.Desk(one, petitions.many(2000, "after")).start().finish(120)
        wait_until(lambda: one.waiting() == 0, "work flows without waiting for leases", 14)
        print(f"connections cut: {cutter.cuts}")
    judge(one, receipts)


def free_again(one):
    return all(row.get("open", 0) == 0 and row.get("queued", 0) == 0 for row in one.rows())
