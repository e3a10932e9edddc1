"""Keys and passwords: who has which, and what those can do who have none or others."""

import pytest

from deployment import CONTAINER, SERVICES, call, petitions, receipts, wait_until

KEPT = "/var/lib/daumoi"
VAULT, CURVE = f"{KEPT}/vault/key", f"{KEPT}/curve/keys/own.key_secret"


def reads(deployment, service, path):
    return deployment.exec(service, "test", "-r", path, check=False).returncode == 0


@pytest.mark.parametrize("service", [*SERVICES, "redis"])
def test_each_key_is_only_where_it_is_used(deployment, service):
    assert reads(deployment, service, VAULT) == (service not in ("escalation", "redis"))
    assert reads(deployment, service, CURVE) == (service != "redis")


def test_only_their_user_reads_secrets(deployment):
    modes = deployment.exec("redis", "bash", "-c", f"stat -c '%a %u' {KEPT}/password/*/redis")
    modes = modes.stdout + deployment.exec("intake", "stat", "-c", "%a %u", VAULT, CURVE).stdout
    assert modes.splitlines() == ["600 10001"] * 7


@pytest.mark.parametrize("user", ["10002", "0"])
def test_nobody_else_in_the_container_reads_them(deployment, user):
    intake = deployment.containers("intake")[0]
    done = call("docker", "exec", "-u", user, intake, "cat", VAULT, check=False)
    assert done.returncode == 1 and "Permission denied" in done.stderr


@pytest.mark.parametrize("path", [VAULT, CURVE, f"{KEPT}/password/intake/redis"])
def test_a_service_cannot_change_what_it_reads(deployment, path):
    done = deployment.exec("intake", "bash", "-c", f"echo >>{path}", check=False)
    assert done.returncode == 1 and "Read-only file system" in done.stderr


def test_a_service_sees_only_its_own_password(deployment):
    for service in SERVICES:
        seen = deployment.exec(service, "bash", "-c", f"cd {KEPT}/password && echo */redis")
        assert seen.stdout.strip() == f"{service}/redis"


def submit_with_other_keys(deployment, letters):
    """The command line with the right password, but with keys that it made itself."""
    inner = f"daumoi curve create /tmp/other >&2 && exec {CONTAINER} daumoi submit --timeout 5 --json -"
    words = deployment.run_words("--entrypoint", "bash", DAUMOI_CURVE="/tmp/other")
    return deployment.compose(*words, "daumoi", "-c", inner, input=letters, check=False)


def submit_without_keys(deployment, letters):
    return deployment.daumoi("submit", "--timeout", "5", "--json", "-", input=letters,
                             environment={"DAUMOI_CURVE": ""}, check=False)


@pytest.mark.parametrize("submit", [submit_with_other_keys, submit_without_keys])
def test_without_the_keys_nobody_submits(deployment, submit):
    before = deployment.cases()
    done = submit(deployment, petitions("stranger", 3))
    assert done.returncode == 3 and done.stdout == "", done.stdout + done.stderr
    assert deployment.cases() == before
    right = receipts(deployment.daumoi("submit", "--json", "-", input=petitions("known", 3)).stdout)
    assert len(set(right)) == 3
    deployment.await_settled(right)


def test_a_copy_with_other_keys_gets_no_petition(deployment):
    inner = f"daumoi curve create /tmp/other && exec {CONTAINER} classification"
    words = ["run", "-d", "--entrypoint", "bash", "-e", "DAUMOI_CURVE=/tmp/other"]

    def done():
        return {copy["copy"]: copy["done"] for copy in deployment.status()["copies"]
                if copy["service"] == "classification"}

    before = done()
    stranger = deployment.compose(*words, "classification", "-c", inner).stdout.split()[-1]
    try:
        wait_until(lambda: len(done()) > len(before), "the stranger to be in the registry")
        codes = receipts(
            deployment.daumoi("submit", "--json", "-", input=petitions("away", 200)).stdout)
        deployment.await_settled(codes)
        wait_until(lambda: sum(done().values()) == sum(before.values()) + 200, "rows up to date")
        assert [n for copy, n in done().items() if copy not in before] == [0]
    finally:
        call("docker", "rm", "-f", stranger)
