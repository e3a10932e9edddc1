"""The image and one deployment for all tests of this folder; skipped where there is no engine.

DAUMOI_IMAGE names an image to test instead of building one; DAUMOI_BASE a base image other than
the one that scripts/base-image makes. Only containers of the tests' own project are touched.
"""

import os

import pytest

from deployment import ROOT, Deployment, call, compose_command, engine_is_there


@pytest.fixture(scope="session")
def images():
    if not engine_is_there():
        pytest.skip("no Docker engine answers here")
    if not compose_command():
        pytest.skip("a Docker engine, but no Compose")
    base = os.environ.get("DAUMOI_BASE", "daumoi-base:12")
    image = os.environ.get("DAUMOI_IMAGE")
    if image:
        return image, base
    if "DAUMOI_BASE" not in os.environ:
        call(ROOT / "scripts/base-image", timeout=600)
    environment = {**os.environ, "DAUMOI_IMAGE": "daumoi-test", "DAUMOI_BASE": base}
    call(*compose_command(), "build", timeout=900, env=environment)
    return "daumoi-test", base


@pytest.fixture(scope="session")
def deployment(images):
    made = Deployment(*images)
    try:
        made.up(classification=2)
        yield made
    finally:
        made.down("-v", "--remove-orphans")
