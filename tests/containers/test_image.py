"""What the image holds, and what a container may do."""

import pytest

from deployment import SERVICES, call

PROGRAMS = ["daumoi", *(f"daumoi-{service}" for service in SERVICES)]
SHARED = ["container", "model.bin", "profiles", "ready", "redis"]


@pytest.mark.parametrize("folder, holds", [
    ("/usr/local/bin", PROGRAMS), ("/usr/share/daumoi", SHARED), ("/src", []), ("/home", [])])
def test_holds_programs_profile_and_model_only(deployment, folder, holds):
    seen = deployment.exec("intake", "ls", folder, check=False).stdout.split()
    assert sorted(seen) == sorted(holds)


@pytest.mark.parametrize("tool", ["gcc", "make", "ld", "git"])
def test_has_no_build_tools(deployment, tool):
    assert deployment.exec("intake", "bash", "-c", f"type {tool}", check=False).returncode == 1


@pytest.mark.parametrize("words", [[], ["--help"], ["daumoi", "--help"]])
def test_runs_alone(deployment, words):
    said = call("docker", "run", "--rm", "--network", "none", "--read-only", deployment.image,
                *words).stdout
    assert said.startswith("daumoi: ") and " submit " in said and " verify " in said


def test_no_secret_is_in_the_image(deployment):
    said = call("docker", "run", "--rm", "--network", "none", "--entrypoint", "find",
                deployment.image, "/var/lib/daumoi", "-type", "f").stdout
    assert said == ""


def test_containers_have_only_the_rights_they_need(deployment):
    for service in [*SERVICES, "redis"]:
        for container in deployment.containers(service):
            seen = deployment.inspect(container)
            host = seen["HostConfig"]
            assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] > 0
            assert "no-new-privileges:true" in host["SecurityOpt"]
            assert seen["Config"]["User"] == "10001:10001" and not host["PortBindings"]


@pytest.mark.parametrize("service", [*SERVICES, "redis"])
def test_a_process_is_nobody_and_writes_nowhere_else(deployment, service):
    seen = dict(line.split(":", 1) for line in deployment.exec(
        service, "cat", "/proc/1/status").stdout.splitlines() if ":" in line)
    assert seen["Uid"].split() == ["10001"] * 4 and int(seen["CapEff"], 16) == 0
    assert deployment.exec(service, "touch", "/usr/share/daumoi/x", check=False).returncode == 1
    assert deployment.exec(service, "touch", "/var/lib/daumoi/x", check=False).returncode == 1


def test_redis_is_on_no_network(deployment):
    redis = deployment.inspect(deployment.containers("redis")[0])
    assert redis["HostConfig"]["NetworkMode"] == "none"


def test_network_has_no_way_out(deployment):
    name = next(iter(deployment.inspect(deployment.containers("intake")[0])
                     ["NetworkSettings"]["Networks"]))
    internal = call("docker", "network", "inspect", "-f", "{{.Internal}}", name).stdout
    assert internal.strip() == "true"
