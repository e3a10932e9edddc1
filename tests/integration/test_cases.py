"""From the desk to the one who answers for it: assigned at once, or confirmed by a named human."""

import json
import re

import pytest

import oracle
import petitions

HA_TU_CHAIR = "Chủ tịch UBND phường Hà Tu"
FINE = {"desk": "tcd-ha-tu", "type": "khieu_nai",
        "text": "Tôi khiếu nại quyết định xử phạt số 12 của Chủ tịch UBND phường.",
        "contested": {"author": HA_TU_CHAIR, "number": "12/QĐ-XPHC", "date": "2026-10-01",
                      "instance": 1}}
BRIBE = {"desk": "tcd-ha-tu", "type": "to_cao", "respondent": HA_TU_CHAIR,
         "text": "Tôi tố cáo Chủ tịch UBND phường Hà Tu nhận tiền để cho xây nhà không phép."}


@pytest.fixture(scope="module")
def hand_in(shared):
    """hand_in(petition) -> (code, the case when the machine has done its part)."""
    def one(petition):
        receipt, = shared.json("submit", "-", stdin=petitions.jsonl([petition]))
        shared.await_settled()
        return receipt["code"], show(shared, receipt["code"])
    return one


def show(one, code):
    case, = one.json("show", code)
    return case


# --- at once

@pytest.mark.parametrize("petition,unit", [
    ({"desk": "tcd-tinh", "type": "phan_anh", "field": "transport.main_road",
      "text": "Quốc lộ 18 lún sâu ở gần cầu."}, "so-xd"),
    ({"desk": "tcd-ha-tu", "type": "phan_anh", "field": "construction", "place": "ha-tu",
      "text": "Vỉa hè khu 2 bị đào lên rồi bỏ đó."}, "ha-tu.kt"),
    ({"desk": "tcd-tinh", "type": "kien_nghi", "field": "education.upper_secondary",
      "text": "Đề nghị trường trung học phổ thông mở thư viện vào ngày thứ Bảy."}, "so-gddt"),
])
def test_a_report_or_proposal_is_assigned_at_once(hand_in, petition, unit):
    """Field and place are known, one unit is competent: it owns the case without a human."""
    _, case = hand_in(petition)
    assert case["state"] == "assigned" and case["owner"]["unit"] == unit
    assert case["owner"]["officer"] and case["competent_person"] and case["basis"]
    assert [clock["step"] for clock in case["clocks"]] == ["assigned", "promise"]
    assert case["next_alarm"] == min(clock["due"] for clock in case["clocks"])


def test_an_unclear_letter_waits_at_the_desk(hand_in):
    """What nobody can name the type of is clerks' work, with the reason."""
    _, case = hand_in({"desk": "tcd-tinh", "text": "x"})
    assert case["state"] == "triage" and case["owner"]["unit"] == "ban-tcd"
    assert case["proposed"]["reason"] and case["clocks"][0]["step"] == "triage"


def test_every_written_petition_ends_somewhere(shared, judge):
    """Assigned or in triage: no petition of whatever kind is left between."""
    receipts = shared.json("submit", "-", stdin=petitions.jsonl(petitions.many(180, "written")))
    shared.await_settled()
    states = {show(shared, one["code"])["state"] for one in receipts[:60]}
    assert states <= {"assigned", "triage"}
    judge(shared)


# --- a named human

@pytest.mark.parametrize("petition", [
    FINE, {**BRIBE, "respondent": "cán bộ địa chính UBND phường Hà Tu",
           "text": "Tôi tố cáo cán bộ địa chính phường Hà Tu vòi tiền."}], ids=["complaint", "denunciation"])
def test_complaints_and_denunciations_wait_for_a_human(shared, hand_in, petition):
    """Never assigned by the machine; the proposal of the law stands beside the case."""
    code, case = hand_in(petition)
    assert case["state"] == "triage" and case["owner"]["unit"] == "ha-tu.vp"
    record = oracle.Oracle(shared.redis.client).read().case_of(code).record
    assert record["x"] == b"ha-tu" and record["c"] and record["b"]
    done, = shared.json("act", code, "triage", "--as", "nguyen-van-b")
    assert done["state"] == "assigned" and done["owner"] == "ha-tu"
    entries = shared.json("journal", code)
    assert [entry["action"] for entry in entries] == ["register", "propose", "assign"]
    raw = oracle.Oracle(shared.redis.client).read().case_of(code).entries
    assert [entry[4] for entry in raw][1:] == ["machine:assignment", "nguyen-van-b"]


def test_an_act_wants_a_name(shared, hand_in):
    """A machine proposes, a named human decides."""
    code, _ = hand_in({**FINE, "text": "Tôi khiếu nại quyết định số 13 của phường."})
    done = shared.cli("act", code, "triage")
    assert done.returncode == 1 and "--as" in done.err
    assert show(shared, code)["state"] == "triage"


def test_an_act_with_a_key_is_done_once(shared, hand_in):
    """The same act with the same key gives the first answer."""
    code, _ = hand_in({**FINE, "text": "Tôi khiếu nại quyết định số 14 của phường."})
    words = ["act", code, "triage", "--as", "b", "--key", "once"]
    first, = shared.json(*words)
    again, = shared.json(*words)
    assert again == {**first, "repeated": True}
    assert len(shared.json("journal", code)) == 3


def test_an_act_on_an_old_version_is_refused(shared, hand_in):
    """Who read the case before it changed is told so."""
    code, case = hand_in({**FINE, "text": "Tôi khiếu nại quyết định số 15 của phường."})
    assert shared.cli("act", code, "triage", "--as", "b", "--version", case["version"]).returncode == 0
    done = shared.cli("act", code, "triage", "--as", "c", "--version", case["version"])
    assert done.returncode == 1


@pytest.mark.parametrize("words,field", [
    (["--to", "so-mars"], "to"), (["--type", "complaint"], "type"), (["--place", "mars"], "place"),
    (["--decision", "forget"], "decision"), (["--decision", "file"], "ground"),
    (["--to", "cong-an-tinh", "--decision", "assign"], "to")])
def test_a_wrong_decision_is_refused_by_its_field(shared, hand_in, words, field):
    """The field is named, nothing has changed."""
    code, case = hand_in({**FINE, "text": f"Tôi khiếu nại việc số {words}."})
    done = shared.cli("act", code, "triage", "--as", "b", *words)
    assert done.returncode == 1 and field in done.err
    assert show(shared, code)["version"] == case["version"]


@pytest.mark.parametrize("decision,state,words", [
    ("file", "filed", ["--ground", "đơn trùng"]), ("guide", "guided", []),
    ("transfer", "transferred", ["--to", "thue-tinh"])])
def test_other_ends_of_triage(shared, hand_in, judge, decision, state, words):
    """An ended case has no alarm; a transferred one is followed up by the desk."""
    code, _ = hand_in({**FINE, "text": f"Tôi khiếu nại việc {decision}."})
    shared.json("act", code, "triage", "--as", "b", "--decision", decision, *words)
    case = show(shared, code)
    assert case["state"] == state
    assert (case["next_alarm"] is None) == (state != "transferred")
    judge(shared)


# --- no judge in his own cause

def test_a_denunciation_of_the_desk_s_own_chair_is_recused(shared, hand_in):
    """Promise 7: known by its text, owner and desk move to the first superior not implicated."""
    _, plain = hand_in({**FINE, "text": "Tôi khiếu nại việc khác."})
    code, case = hand_in({key: value for key, value in BRIBE.items()
                          if key not in ("type", "respondent")})
    assert case["owner"]["unit"] == "ban-tcd" and case["state"] == "triage"
    record = oracle.Oracle(shared.redis.client).read().case_of(code).record
    assert record["e"] == b"tcd-tinh"
    owned = [row["code"] for row in shared.json("list", "--unit", "ha-tu.vp", "--limit", 1000)]
    assert code not in owned and owned
    assert code in [row["code"] for row in shared.json("list", "--unit", "ban-tcd", "--limit", 1000)]
    # What stays in the local register is a number.
    row, = [row for row in shared.json("list", "--desk", "tcd-ha-tu", "--limit", 1000)
            if row["code"] == code]
    assert set(row) == {"code", "sealed", "title"} and row["sealed"]
    done = shared.cli("act", code, "triage", "--as", "b", "--to", "ha-tu")
    assert done.returncode == 1, "the accused's own unit may not get it"
    assert plain["owner"]["unit"] == "ha-tu.vp"


def test_a_denunciation_known_at_entry_never_enters_the_local_register(shared, hand_in):
    """Promise 7: it gets a number of the superior's series; the local one has no gap and no row."""
    before = shared.json("list", "--desk", "tcd-ha-tu", "--limit", 1000)
    code, case = hand_in(BRIBE)
    assert code.startswith("H49.tcd-tinh-")
    assert case["owner"]["unit"] == "ban-tcd" and case["state"] == "triage"
    assert shared.json("list", "--desk", "tcd-ha-tu", "--limit", 1000) == before
    again, = shared.json("submit", "-", stdin=petitions.jsonl([BRIBE]))
    assert again["repeated"] and again["code"] == code


# --- looking at it

def test_show_and_journal_of_what_is_not_there(shared, hand_in):
    """A wrong code is told apart from one that nobody has got."""
    code, _ = hand_in({"desk": "tcd-tinh", "text": "Một việc."})
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    unused = "H49.tcd-tinh-200101-0001"
    for words in (["show"], ["journal"]):
        assert shared.cli(*words, wrong).returncode == 1
        assert shared.cli(*words, unused + oracle.check_letter(unused)).returncode == 1
        assert shared.cli(*words, code.lower()).returncode == 0


def test_journal_tells_the_whole_life(shared, hand_in):
    """Promise 8: each entry says when, what, and what it left behind."""
    code, case = hand_in(FINE)
    entries = shared.json("journal", code)
    assert [entry["version"] for entry in entries] == list(range(1, case["version"] + 1))
    assert entries[-1]["owner"] == case["owner"]["unit"] and entries[-1]["state"] == case["state"]
    assert all(len(entry["operation"]) == 16 for entry in entries)


def test_lists(shared, hand_in):
    """By unit, desk and state; limited; the nearest alarm first."""
    hand_in(FINE)
    rows = shared.json("list", "--unit", "ha-tu.vp", "--limit", 1000)
    assert rows and {row["owner"]["unit"] for row in rows} == {"ha-tu.vp"}
    alarms = [row["next_alarm"] for row in rows]
    assert alarms == sorted(alarms)
    assert len(shared.json("list", "--unit", "ha-tu.vp", "--limit", 1)) == 1
    assert {row["state"] for row in shared.json("list", "--state", "triage", "--limit", 1000)} == {"triage"}
    assert shared.json("list", "--overdue") == []
    assert shared.cli("list", "--board").returncode == 0
    assert shared.cli("list", "--state", "lost").returncode in (1, 2)


def test_status_says_what_is_there(shared):
    """Every copy, the durability in force, and how much waits."""
    status, = shared.json("status")
    assert {row["service"] for row in status["copies"]} == {
        "intake", "classification", "assignment", "escalation"}
    assert status["redis"]["appendonly"] == "yes" and status["redis"]["appendfsync"] == "always"
    assert status["warnings"] == []
    assert status["depths"]["waiting_for_machine"] == shared.waiting()
    states = shared.states()
    assert status["depths"]["triage"] == states["triage"]
    assert status["depths"]["assigned"] == states["assigned"]


def test_status_warns_when_a_service_is_away(instance):
    """Exit status 1 and a line that says what is missing."""
    one = instance("away").start()
    gone, = one.copies("assignment")
    one.remove(gone)
    done = one.cli("--json", "status")
    assert done.returncode == 1
    assert any("assignment" in warning for warning in json.loads(done.out)["warnings"])


def test_verify_counts(shared):
    """Silent on errors, with the counts of what it has read."""
    done = shared.cli("verify", check=True)
    count = sum(shared.states().values())
    assert re.search(rf"\b{count}\b", done.out) and done.err == ""
