"""Fixtures of the black-box tests. A failed test prints the tails of all logs."""

import pytest

import harness
import oracle

instances = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.failed = True
        for instance in instances:
            for process in (instance.redis, *instance.services.values()):
                report.sections.append(
                    (f"log of {instance.name} {process.name}", process.tail()))


@pytest.fixture
def instance(request):
    """make(...) -> an Instance that is taken down at the end; not started yet."""
    mine = []

    def make(*words, **more):
        mine.append(harness.Instance(*words, **more))
        instances.append(mine[-1])
        return mine[-1]

    yield make
    for one in mine:
        instances.remove(one)
        one.destroy(failed=getattr(request.node, "failed", False))


@pytest.fixture(scope="module")
def shared():
    """One running instance for all tests of a file that leave it as it was."""
    one = harness.Instance("shared")
    instances.append(one)
    try:
        yield one.start()
    finally:
        instances.remove(one)
        one.destroy()


@pytest.fixture
def judge():
    """judge(instance, receipts): the oracle over everything, with its counts printed."""
    return oracle.judge
