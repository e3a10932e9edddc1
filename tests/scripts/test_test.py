"""scripts/test: its counts are right, and nothing that fails is overlooked."""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PASSES = '[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).\n'
FAILS = ('[==========] 3 test(s) run.\n[  PASSED  ] 1 test(s).\n'
         '[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] test_a\n'
         '[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] test_b\n')


@pytest.fixture
def house(tmp_path):
    """A repository of its own with scripts/test in it; programs stand in for cmocka's."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/test", tmp_path / "scripts/test")
    (tmp_path / "scripts/setup").write_text("#!/bin/sh\n")
    (tmp_path / "scripts/setup").chmod(0o755)
    (tmp_path / "Makefile").write_text("all units:\n")
    (tmp_path / "tests/unit").mkdir(parents=True)
    (tmp_path / "tests/faults").mkdir()
    return tmp_path


def program(house, name, text, status=0):
    (house / f"tests/unit/{name}.c").write_text("")
    path = house / f"build/tests/{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\nexit {status}\n")
    path.chmod(0o755)


def run(house, *parts):
    done = subprocess.run([house / "scripts/test", *parts], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stdout.splitlines()


def test_all_pass(house):
    program(house, "test_one", PASSES)
    status, lines = run(house, "unit")
    assert (status, lines[-1]) == (0, "3 passed, 0 failed, 0 skipped")


def test_a_failure_is_counted_and_the_rest_runs(house):
    program(house, "test_one", FAILS, 1)
    program(house, "test_two", PASSES)
    (house / "tests/faults/test_f.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "@pytest.mark.skip(reason='no engine')\n"
        "def test_away(): pass\n")
    status, lines = run(house, "unit", "faults")
    assert (status, lines[-1]) == (1, "6 passed, 2 failed, 2 skipped")
    closing = lines[lines.index("==== closing counts"):]
    assert any("1 failed, 1 passed, 1 skipped" in line for line in closing)
    assert any("no engine" in line for line in closing)
    assert any("[  PASSED  ] 2 test(s)." in line for line in closing)


def test_a_crash_without_closing_line_fails(house):
    program(house, "test_one", "", 139)
    status, lines = run(house, "unit")
    assert (status, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")


def test_a_leak_after_the_closing_line_fails(house):
    program(house, "test_one", PASSES, 23)
    status, lines = run(house, "unit")
    assert (status, lines[-1]) == (1, "3 passed, 1 failed, 0 skipped")


def test_a_broken_build_fails(house):
    (house / "Makefile").write_text("all units:\n\tfalse\n")
    program(house, "test_one", PASSES)
    status, lines = run(house, "unit")
    assert (status, lines[-1]) == (1, "2 passed, 1 failed, 0 skipped")


def test_a_folder_without_tests_fails(house):
    status, lines = run(house, "faults")
    assert (status, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")


def test_wrong_usage(house):
    status, _ = run(house, "everything")
    assert status == 2
