"""Rows that help the person's: the ID number's, and employers whose names begin alike."""

from datetime import timedelta

from schemas.cases import CaseOpened, MatterSuggested, SubmissionJoined
from schemas.event import Data
from schemas.matter import Identity
from schemas.submissions import MatterNoted, SubmissionAmended, SubmissionReceived
from services.intake.core.desk import Desk
from services.intake.core.suggest import block_of
from tests.support.intake import NOW, arrival, call, policy, submission

ID, OTHER_ID = "420704198802300005", "420704199001010011"
SHOP = "鄂城区西山街道好又来便利店拖欠九月十月工资4800元"


def desk() -> Desk:
    return Desk(policy())


def window(one: Desk, number: str, phone: str, identity: str = ID, **more: object) -> list[Data]:
    raw = {
        "reg_no": number, "phone": phone, "id_number": identity, "respondent": "好又来便利店",
        "matters": "拖欠工资", "visited_at": "2026-11-16 09:00",
    }  # fmt: skip
    return one.take(arrival("window", raw | more), NOW)


def phoned(one: Desk, number: str, phone: str, text: str = SHOP, **more: object) -> list[Data]:
    return one.take(arrival("12345", call(text, order_no=number, caller_phone=phone) | more), NOW)


def kinds(said: list[Data]) -> list[type[Data]]:
    return [type(one) for one in said]


def test_a_changed_phone_finds_its_case_by_the_id_number():
    one = desk()
    (opened,) = window(one, "W1", "13800000101")
    (joined,) = window(one, "W2", "13900000102")
    assert isinstance(opened, CaseOpened)
    assert isinstance(joined, SubmissionJoined)
    assert joined.case_id == opened.case_id
    assert joined.submission.person == opened.submission.person


def test_so_it_does_when_a_hotline_knew_only_the_phone():
    one = desk()
    (opened,) = phoned(one, "E1", "13800000101")
    assert kinds(window(one, "W1", "13800000101")) == [SubmissionJoined]
    (late,) = window(one, "W2", "13900000102")
    assert isinstance(late, SubmissionJoined)
    assert late.case_id == opened.case_id  # type: ignore[attr-defined]


def test_an_id_number_without_a_phone_comes_home_too():
    for first, second in (("", "13800000101"), ("13800000101", "")):
        one = desk()
        (opened,) = window(one, "W1", first)
        (joined,) = window(one, "W2", second)
        assert kinds([opened, joined]) == [CaseOpened, SubmissionJoined]


def test_two_of_a_family_stay_two_though_they_share_the_phone():
    one = desk()
    assert kinds(window(one, "W1", "13800000101")) == [CaseOpened]
    assert kinds(window(one, "W2", "13800000101", OTHER_ID)) == [CaseOpened]
    assert kinds(window(one, "W3", "13800000101")) == [SubmissionJoined]
    said = phoned(one, "E1", "13800000101")  # who of them?
    assert kinds(said) == [CaseOpened, MatterSuggested, MatterSuggested]


def test_an_amendment_takes_the_way_of_its_record():
    one = desk()
    window(one, "W1", "13800000101")
    (joined,) = window(one, "W2", "13900000102")
    (changed,) = window(one, "W2", "13900000103", people=3)
    assert isinstance(changed, SubmissionAmended)
    assert isinstance(joined, SubmissionJoined)
    assert changed.case_id == joined.case_id


def test_what_tells_persons_apart_stays_on_submissions():
    one, passed = desk(), []
    one.see = lambda row, event: passed.append(event.data)
    said = [*window(one, "W1", "13800000101"), *window(one, "W2", "13900000102")]
    assert all(data.submission.identity == Identity() for data in said)  # type: ignore[attr-defined]
    assert any(isinstance(data, SubmissionReceived) and data.via for data in passed)


def test_an_anonymous_report_is_shown_with_the_case_it_resembles():
    one = desk()
    (opened,) = phoned(one, "E1", "13800000101")
    own, shown = phoned(one, "E2", "", anonymous="是")
    assert isinstance(own, CaseOpened)
    assert isinstance(shown, MatterSuggested)
    assert (shown.case_id, shown.other) == (own.case_id, opened.case_id)  # type: ignore[attr-defined]
    assert shown.other_number == opened.number  # type: ignore[attr-defined]
    assert shown.likeness.band == "suggest"


def test_so_are_a_patrol_and_an_alert():
    one = desk()
    phoned(one, "E1", "13800000101")
    patrol = {
        "patrol_no": "X1",
        "unit_name": "好又来便利店",
        "arrears_signs": "有",
        "place": "西山街道",
    }
    said = one.take(arrival("patrol", patrol | {"started_at": "2026-11-16 09:00"}), NOW)
    assert kinds(said) == [CaseOpened, MatterSuggested]


def test_colleagues_and_other_employers_are_not_shown():
    one = desk()
    phoned(one, "E1", "13800000101")
    assert kinds(phoned(one, "E2", "13900000102")) == [CaseOpened]
    quiet = phoned(one, "E3", "", "鄂城区西山街道好口福酒楼拖欠九月十月工资4800元", anonymous="是")
    assert kinds(quiet) == [CaseOpened]


def test_who_speaks_for_a_group_that_was_told_of_is_shown():
    one, group = desk(), SHOP.replace("拖欠", "拖欠我们4个人")
    (opened,) = phoned(one, "E1", "13800000101", group)
    own, shown = phoned(one, "E2", "13900000102", group)
    assert isinstance(shown, MatterSuggested)
    assert (shown.case_id, shown.other) == (own.case_id, opened.case_id)  # type: ignore[attr-defined]
    assert next(point.rule for point in shown.likeness.points) == "group_same"


def test_who_speaks_for_a_group_and_does_not_know_what_the_employer_is_called_is_shown():
    """一批人，单位名称说不全: as many workers in one town, about one sum."""
    one = desk()
    told = "鄂城区碧石渡镇宏磊耐火材料厂拖欠我们8个人三月到六月工资34000元"
    (opened,) = phoned(one, "E1", "13800000101", told)
    own, shown = phoned(one, "E2", "13900000102", told.replace("宏磊耐火材料厂", "那个厂"))
    assert isinstance(shown, MatterSuggested)
    assert (shown.case_id, shown.other) == (own.case_id, opened.case_id)  # type: ignore[attr-defined]
    others = (("8个人", "7个人"), ("34000", "51000"), ("碧石渡镇", "花湖镇"))
    for number, other in enumerate(others):
        far = told.replace("宏磊耐火材料厂", "那个厂").replace(*other)
        assert kinds(phoned(one, f"F{number}", f"1370000010{number}", far)) == [CaseOpened]


def test_two_rows_show_one_pair_once():
    """The row of the employer has it; that of the group keeps silent."""
    one = desk()
    told = SHOP.replace("拖欠", "拖欠我们4个人")
    phoned(one, "E1", "13800000101", told)
    said = phoned(one, "E2", "13900000102", told)
    assert kinds(said) == [CaseOpened, MatterSuggested]


def test_the_likest_are_shown_and_no_more_than_the_file_allows():
    one = desk()
    for number in range(6):
        phoned(one, f"E{number}", f"1380000020{number}")
    said = phoned(one, "E9", "", anonymous="是")
    scores = [data.likeness.score for data in said if isinstance(data, MatterSuggested)]
    assert len(scores) == policy().join.suggestions_max
    assert scores == sorted(scores, reverse=True)


def test_the_row_of_employers_is_bounded_and_a_note_twice_is_one():
    one, notes = desk(), []
    one.see = lambda row, event: notes.append(event)
    for number in range(40):
        phoned(one, f"E{number}", f"13800003{number:03d}")
    last = notes[-1]
    assert isinstance(last.data, MatterNoted)
    row = one.known[last.data.block]
    assert row is not None
    assert len(row.matters) == policy().join.block_max
    assert one.decide([last], NOW + timedelta(days=1)) == []


def test_names_that_begin_alike_share_a_row_and_a_trade_has_none():
    def block(employer: str) -> str:
        raw = {
            "clue_no": "Q1",
            "mobile": "13800000101",
            "employer": employer,
            "description": "欠薪",
        }
        return block_of(policy().join, "420704", submission("national", raw))

    assert block("鄂州市好又来便利店") == block("好又来超市有限公司") != ""
    assert block("某火锅店") != block("某超市")
    assert block("便利店") == block("店") == ""
