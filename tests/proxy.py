"""A TCP proxy that resets its connections when told to."""

import contextlib
import select
import socket
import struct
import threading


class Proxy:
    """Listens on (host, port) and passes on to (to_host, port); `reset` cuts all connections."""

    RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: close sends RST

    def __init__(self, host, to_host, port):
        self.to = (to_host, port)
        self.listener = socket.create_server((host, port))
        self.peer_of = {}
        self.lock, self.ending, self.passed = threading.Lock(), False, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ending:
            with self.lock:
                watched = [self.listener, *self.peer_of]
            with contextlib.suppress(OSError, ValueError):  # one was reset meanwhile
                for one in select.select(watched, [], [], 0.05)[0]:
                    self._accept() if one is self.listener else self._pass(one)

    def _accept(self):
        near, _ = self.listener.accept()
        try:
            far = socket.create_connection(self.to, timeout=2)
        except OSError:
            near.close()
            return
        with self.lock:
            self.peer_of[near], self.peer_of[far] = far, near

    def _pass(self, one):
        with self.lock:
            other = self.peer_of.get(one)
        try:
            data = one.recv(65536)
            if data and other:
                other.sendall(data)
                self.passed += len(data)
                return
        except OSError:
            pass
        self._end(one)

    def _end(self, one):
        with self.lock:
            other = self.peer_of.pop(one, None)
            self.peer_of.pop(other, None)
        for end in (one, other):
            if end:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, self.RESET)
                    end.close()

    def reset(self):
        """Cuts every connection in the middle of whatever it carries; returns how many."""
        with self.lock:
            ends = list(self.peer_of)
        for one in ends:
            self._end(one)
        return len(ends) // 2

    def close(self):
        self.ending = True
        self.thread.join(10)
        self.reset()
        self.listener.close()
