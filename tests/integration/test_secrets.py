"""What is personal never leaves the sealed body (the ground of promise 9).

One petition carries words that occur nowhere else. They are looked for in everything that Redis
holds and has written, in the logs, in the lists of processes, in the metrics and in every output.
"""

import base64
import json
import pathlib
import zlib

import msgpack
import pytest

import petitions
import wire

NAME, PHRASE, PHONE = "Bùi Thị Xoan Đào", "mèo tam thể trèo mái tôn", "0912345678999"
ACCUSED = "Chủ tịch UBND phường Hà Tu"


def marked(**more):
    return {"desk": "tcd-ha-tu", "text": f"Tôi tên {NAME}. Chuyện {PHRASE} đã lâu.",
            "petitioner": {"name": NAME, "phone": PHONE, "id_number": PHONE, "address": PHRASE},
            "organisation": {"name": NAME, "tax_code": PHONE}, **more}


LETTERS = [
    marked(type="phan_anh", field="construction", place="ha-tu"),
    marked(type="khieu_nai", contested={"author": ACCUSED, "number": PHONE}),
    marked(type="to_cao", respondent=ACCUSED),
    marked(key=PHRASE), marked(text=f"Tôi tố cáo {NAME} lấy {PHRASE}."),
]


def spellings(text):
    """The ways in which a text may be written down."""
    raw = text.encode()
    return {raw, json.dumps(text)[1:-1].encode(), raw.hex().encode(),
            base64.b64encode(raw)[:-4], text.lower().encode(),
            text.encode("utf-16-le"), msgpack.packb(text)}


def found_in(data):
    return [word for text in (NAME, PHRASE, PHONE) for word in spellings(text) if word in data]


@pytest.fixture(scope="module")
def marked_instance(shared):
    """All letters handed in, some decided, some refused; every word of every output kept."""
    outputs = []

    def run(*words, **more):
        done = shared.cli(*words, **more)
        outputs.append(done.stdout + done.stderr)
        return done
    receipts = run("--json", "submit", "-", stdin=petitions.jsonl(LETTERS))
    shared.await_settled()
    codes = [json.loads(line)["code"] for line in receipts.out.splitlines()]
    assert len(codes) == len(LETTERS)
    for bad in ({"desk": NAME}, {"letter_date": PHRASE}, {"type": PHONE}, {"text": PHRASE * 4000},
                {"key": PHRASE, "text": "khác"}):
        assert shared.cli("submit", "-", stdin=petitions.jsonl([marked(**bad)])).returncode == 1
    endpoint, = wire.requests_of(shared, "intake")
    for broken in (msgpack.packb(marked())[:-3], msgpack.packb({**marked(), "desk": 7}),
                   msgpack.packb(marked()) * 2):
        wire.ask(endpoint, "submit/1", broken, raw=True)
    run("act", codes[1], "triage", "--as", "b")
    for code in codes:
        for form in ([], ["--json"]):
            run(*form, "show", code)
            run(*form, "journal", code)
    for words in (["list"], ["--json", "list", "--desk", "tcd-ha-tu"], ["list", "--board"], ["status"],
                  ["--json", "status"], ["verify"], ["--json", "verify"]):
        run(*words)
    shared.outputs = b"\n".join(outputs)
    shared.codes = codes
    return shared


def test_the_search_would_find_it():
    """The judge of this file is not blind."""
    assert found_in(json.dumps(LETTERS).encode()) and found_in(msgpack.packb(LETTERS[0]))


def test_nothing_in_redis(marked_instance):
    """Neither in a name nor in a value: all keys, all types, all fields."""
    client = marked_instance.redis.client
    for name in client.scan_iter("*"):
        assert not found_in(name), name
        dumped = client.dump(name)
        kind = client.type(name).decode()
        read = {"string": client.get, "hash": client.hgetall, "set": client.smembers,
                "list": lambda key: client.lrange(key, 0, -1), "stream": client.xrange,
                "zset": lambda key: client.zrange(key, 0, -1, withscores=True)}[kind]
        data = dumped + repr(read(name)).encode() + b"".join(flat(read(name)))
        assert not found_in(data), (name, found_in(data))


def flat(value):
    """The bytes in nested answers."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from (part for pair in value.items() for part in flat(pair))
    elif isinstance(value, (list, tuple, set)):
        yield from (part for one in value for part in flat(one))


def test_nothing_in_the_files_of_redis(marked_instance):
    """The append-only file and whatever else lies in its folder."""
    files = [path for path in marked_instance.redis.data.rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 1000 for path in files)
    for path in files:
        assert not found_in(path.read_bytes()), path


def test_nothing_in_the_logs(marked_instance):
    """Logs hold names of fields, codes and counts, also of what was refused."""
    logs = list(marked_instance.folder.glob("*.log"))
    assert len(logs) >= 5
    for path in logs:
        assert not found_in(path.read_bytes()), path


def test_nothing_in_outputs(marked_instance):
    """Lists, cases, journals, counts, refusals."""
    assert marked_instance.codes[0].encode() in marked_instance.outputs
    assert not found_in(marked_instance.outputs), found_in(marked_instance.outputs)


def test_a_denunciation_s_type_and_accused_are_in_no_output(marked_instance):
    """Shown as sealed: neither what it is nor whom it is about."""
    done = marked_instance.cli("--json", "show", marked_instance.codes[2], check=True)
    assert "to_cao" not in done.out and ACCUSED not in done.out and json.loads(done.out)["sealed"]


def test_nothing_in_metrics_and_process_lists(marked_instance):
    """What monitoring and any user of the machine can read."""
    for process in marked_instance.services.values():
        assert not found_in(str(marked_instance.metrics(process)).encode())
        proc = pathlib.Path(f"/proc/{process.pid}")
        assert not found_in((proc / "cmdline").read_bytes() + (proc / "environ").read_bytes())


def test_bodies_are_sealed_each_for_itself(marked_instance):
    """The same letter twice gives two bodies that share nothing, and none can be compressed."""
    client = marked_instance.redis.client
    bodies = [client.get(name) for name in client.scan_iter("{p00}b:*")]
    assert len({body[34:98] for body in bodies}) == len(bodies)
    assert all(len(zlib.compress(body)) > len(body) * 0.98 for body in bodies)


def test_the_vault_key_is_nowhere_else(marked_instance):
    """The key is in its file alone: not in Redis, no log, no list of processes."""
    key = pathlib.Path(marked_instance.environment["DAUMOI_VAULT_KEY"])
    assert key.stat().st_mode & 0o777 == 0o600
    words = {key.read_bytes().strip(), bytes.fromhex(key.read_text().strip())}
    places = [path.read_bytes() for path in marked_instance.folder.rglob("*")
              if path.is_file() and path != key]
    places += [pathlib.Path(f"/proc/{p.pid}/environ").read_bytes()
               for p in marked_instance.services.values()]
    assert not any(word in place for word in words for place in places)
