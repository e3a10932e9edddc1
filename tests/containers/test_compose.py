"""docker-compose.yml: brought up, worked with, scaled, killed, stopped and started again."""

import json

from deployment import CONTAINER, SERVICES, call, petitions, receipts, wait_until


def submit(deployment, letters):
    return receipts(deployment.daumoi("submit", "--json", "-", input=letters).stdout)


def assert_all_is_well(deployment):
    """Promises kept, and no right in Redis was missing."""
    deployment.daumoi("verify")
    assert deployment.refused_by_redis() == ""


def test_status_shows_every_copy_and_what_holds(deployment):
    seen = deployment.status()
    assert seen["warnings"] == []
    assert sorted(copy["service"] for copy in seen["copies"]) == sorted([*SERVICES, "classification"])
    assert seen["redis"]["appendfsync"] == "always"
    for copy in seen["copies"]:
        ready = deployment.exec("escalation", "/usr/share/daumoi/ready", copy["http"], check=False)
        assert ready.returncode == 0, f"{copy}: {ready.stdout}"


def test_300_petitions_reach_their_desks(deployment):
    codes = submit(deployment, petitions("first", 300))
    assert len(set(codes)) == 300
    deployment.await_settled(codes)
    assert submit(deployment, petitions("first", 300)) == codes
    assert_all_is_well(deployment)


def test_a_human_decides(deployment):
    """Every path that reads or changes a case by its code, with the rights of its user."""
    code = submit(deployment, petitions("act", 1))[0]
    deployment.await_settled([code])
    act = ["act", code, "triage", "--as", "nv.an", "--type", "phan_anh", "--to", "so-xd",
           "--ground", "theo nội dung", "--key", "một"]
    stale = deployment.daumoi(*act[:-1], "hai", "--version", "1", check=False)
    assert stale.returncode == 1
    deployment.daumoi(*act)
    deployment.daumoi(*act)
    seen = json.loads(deployment.daumoi("show", code, "--json").stdout)
    assert seen["state"] == "assigned" and seen["owner"]["unit"] == "so-xd"
    assert len(deployment.daumoi("journal", code, "--json").stdout.splitlines()) == seen["version"]
    assert_all_is_well(deployment)


def test_what_was_lost_on_the_way_is_offered_again(deployment):
    """No classification, and the intake that would have offered is dead: escalation does it."""
    deployment.compose("stop", "classification")
    codes = submit(deployment, petitions("lost", 20))
    deployment.crash(deployment.containers("intake")[0])
    deployment.up(classification=2)
    deployment.await_settled(codes)
    assert_all_is_well(deployment)


def test_scales(deployment):
    deployment.up(classification=4)
    wait_until(lambda: sum(copy["service"] == "classification"
                           for copy in deployment.status()["copies"]) == 4, "four copies")
    codes = submit(deployment, petitions("scaled", 300))
    deployment.await_settled(codes)
    deployment.up(classification=1)
    codes += submit(deployment, petitions("back", 20))
    deployment.await_settled(codes)
    assert_all_is_well(deployment)


def test_kills_under_load_lose_nothing(deployment, tmp_path):
    before = len(deployment.cases())
    flow = deployment.flow("killed", tmp_path)
    try:
        for service in [*SERVICES, "redis"]:
            flow.await_more()
            deployment.crash(deployment.containers(service)[0])
        flow.await_more()
        status = flow.finish()
    finally:
        flow.abandon()
    shown = flow.shown()
    print(f"{flow.count} handed in, {len(shown)} receipts, exit status {status}")
    assert status == 0, flow.err.read_text()
    assert len(set(shown)) == flow.count
    deployment.await_health()
    assert submit(deployment, petitions("killed", flow.count)) == shown
    deployment.await_settled(shown)
    assert len(deployment.cases()) == before + flow.count
    assert_all_is_well(deployment)


def test_health_is_what_readiness_says(deployment):
    deployment.compose("stop", "redis")
    wait_until(lambda: set(deployment.health(*SERVICES)) == {"unhealthy"}, "services unhealthy")
    for service in SERVICES:
        said = deployment.exec(service, CONTAINER, "ready", check=False).stdout
        assert "503" in said and "redis" in said
    refused = deployment.daumoi("submit", "--timeout", "2", "-", input=petitions("never", 1),
                                check=False)
    assert refused.returncode == 3
    deployment.compose("start", "redis")
    deployment.await_health()
    assert_all_is_well(deployment)


def volumes(deployment):
    return set(call("docker", "volume", "ls", "-q", "--filter",
                    f"label=com.docker.compose.project={deployment.project}").stdout.split())


def secrets(deployment):
    return deployment.exec("intake", "bash", "-c",
                           "find /var/lib/daumoi -type f -exec sha256sum {} + | sort").stdout


def test_goes_on_after_down_and_up(deployment):
    before, kept, keys = deployment.cases(), volumes(deployment), secrets(deployment)
    assert before and len(keys.splitlines()) == 5
    deployment.down()
    assert volumes(deployment) == kept and len(kept) == 9
    deployment.up(classification=2)
    assert deployment.cases() == before and secrets(deployment) == keys
    assert_all_is_well(deployment)
