"""Redis in a container: durable, and each user with few rights."""

import pytest

from deployment import SOCKET

CASE, JOURNAL, BODY, REGISTER = "{p00}c:none", "{p00}j:none", "{p00}b:none", "{p00}s:c:261121"


@pytest.fixture(autouse=True, scope="module")
def denials_are_ours(deployment):
    """Redis remembers whom it denied something: what these tests provoke is nobody's fault."""
    assert deployment.refused_by_redis() == ""
    yield
    deployment.redis("daumoi", "acl", "log", "reset")


def test_redis_is_durable_and_wants_its_password(deployment):
    setting = deployment.redis("daumoi", "config", "get", "appendfsync")
    assert setting.split() == ["appendfsync", "always"]
    assert "NOAUTH" in deployment.exec("redis", "redis-cli", "-s", SOCKET, "ping").stdout


ALLOWED = [
    ("intake", f"hmget {CASE} s"), ("intake", "info memory"), ("intake", f"llen {REGISTER}"),
    ("classification", "hvals {p00}copies"), ("classification", "fcall dm1_version 0"),
    ("assignment", f"hgetall {CASE}"), ("assignment", f"lrange {JOURNAL} 0 -1"),
    ("escalation", f"get {BODY}"), ("escalation", "zcount {p00}lease 0 1"),
    ("daumoi", f"lrange {JOURNAL} 0 -1"), ("daumoi", "scan 0"), ("daumoi", "client list")]

DENIED = [
    *((user, "eval x 0") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, f"del {CASE}") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, f"lset {JOURNAL} 0 x") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, f"ltrim {REGISTER} 1 0") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, f"set {BODY} x") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, f"rename {CASE} x") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, "function flush") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, "flushall") for user in ("intake", "assignment", "escalation", "daumoi")),
    *((user, "config set appendfsync no") for user in ("intake", "assignment", "daumoi")),
    *((user, "hset {p00}meta profile x") for user in ("intake", "assignment", "escalation")),
    ("intake", f"get {BODY}"), ("intake", f"hset {REGISTER} s x"), ("intake", "keys *"),
    ("assignment", f"get {BODY}"), ("assignment", f"mset {BODY} x"),
    ("escalation", f"hset {CASE} s x"), ("escalation", f"rpush {JOURNAL} x"),
    ("classification", f"hmget {CASE} s"), ("classification", f"get {BODY}"),
    ("classification", "fcall dm1_lease 2 {p00}lease {p00}tries 1 1"),
    ("daumoi", f"hset {CASE} s x"), ("daumoi", f"rpush {JOURNAL} x"), ("daumoi", "shutdown")]


@pytest.mark.parametrize("user, command", ALLOWED)
def test_what_a_user_needs_it_may(deployment, user, command):
    assert "NOPERM" not in deployment.redis(user, *command.split())


@pytest.mark.parametrize("user, command", DENIED)
def test_what_a_user_does_not_need_is_denied(deployment, user, command):
    assert deployment.redis(user, *command.split()).startswith("NOPERM")


def test_functions_give_nobody_more_rights(deployment):
    """The tool may call every function, but what they would write is denied to it."""
    keys = ["{p00}meta", "{p00}registry", "{p00}copies"]
    said = deployment.redis("daumoi", "fcall", "dm1_beat", "3", *keys, "1000", "stranger", "row")
    assert "The user executing the script can't run this command" in said
    assert "stranger" not in deployment.redis("daumoi", "hvals", "{p00}copies")
