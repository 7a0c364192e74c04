"""Hard cases by hand: what a clerk would say, and why."""

from datetime import timedelta

import pytest

from schemas.cases import Likeness
from schemas.matter import Submission
from services.intake.core.likeness import compared, likeness
from services.intake.core.matters import KnownMatter, matter_of
from services.kernel import ids
from tests.support.intake import NOW, call, policy, submission

RULE = policy().join
SHOP = "鄂城区西山街道好又来便利店拖欠九月十月工资4800元"
LI, WANG = {"caller_name": "李建国"}, {"caller_name": "王丽华"}
ID = {"id_number": "420704198802300005"}


def order(text: str = SHOP, number: str = "E1", **more: object) -> Submission:
    return submission("12345", call(text, order_no=number, caller_phone="13800000101") | more)


def window(**more: object) -> Submission:
    raw = {
        "reg_no": "W1",
        "phone": "13800000101",
        "respondent": "好又来便利店",
        "matters": "拖欠工资",
    }
    return submission("window", raw | {"visited_at": "2026-11-16 09:00"} | more)


def known(one: Submission) -> KnownMatter:
    return matter_of(ids.case_id(one.submission_id), one, "20261116-ABCDEF")


def judged(one: Submission, other: Submission, **more: bool) -> Likeness:
    return likeness(RULE, known(one), other, **({"home": one.person == other.person} | more))


def names(like: Likeness) -> set[str]:
    return {point.rule for point in like.points}


def test_every_point_is_told_and_they_add_up():
    like = judged(order(), order(number="E2"))
    assert like.band == "join"
    assert like.score == min(100, sum(one.points for one in like.points)) / 100
    assert names(like) >= {"person_same", "employer_same", "category_same", "amount_same"}
    assert all(one.text_zh in like.reason_zh for one in like.points)


def test_two_names_on_one_phone_are_for_a_person_to_judge():
    like = judged(order(**LI), order(number="E2", **WANG))
    assert (like.band, "name_other" in names(like)) == ("suggest", True)
    assert judged(order(**LI), order(number="E2", **LI)).band == "join"
    assert judged(order(**LI), order(number="E2", caller_name="李先生")).band == "join"


def test_two_id_numbers_are_two_people_whatever_the_phone():
    kin = window(id_number="420704199001010011")
    assert judged(window(**ID), kin).band == "new"
    assert judged(window(**ID), window(reg_no="W2", **ID)).band == "join"


def test_a_phone_that_several_use_joins_nobody_unnamed():
    assert judged(order(**LI), order(number="E2"), shared=True).band == "suggest"
    assert judged(order(**LI), order(number="E2", **LI), shared=True).band == "join"


def test_a_new_phone_is_known_by_the_id_number_and_guessed_by_the_name():
    moved = window(reg_no="W2", phone="13900000102", **ID)
    assert judged(window(**ID), moved, home=True).band == "join"
    namesake = order(number="E2", caller_phone="13900000102", **LI)
    like = judged(order(**LI), namesake)
    assert (like.band, "name_only" in names(like)) == ("suggest", True)


def test_colleagues_are_not_one_matter():
    other = order(number="E2", caller_phone="13900000102")
    assert judged(order(), other).band == "new"


GROUP = "鄂城区西山街道好又来便利店拖欠我们5个人九月十月工资共15600元"


@pytest.mark.parametrize(
    ("text", "band"),
    [
        (GROUP, "suggest"),
        (GROUP.replace("共15600元", "共一万五千多"), "suggest"),
        (GROUP.replace("共15600元", "，同事打过电话"), "suggest"),
        (GROUP.replace("5个人", "7个人"), "new"),
        (GROUP.replace("15600", "28000"), "new"),
        (GROUP.replace("九月十月", "六月七月"), "new"),
        (GROUP.replace("好又来便利店", "好口福酒楼"), "new"),
        (SHOP, "new"),
    ],
)
def test_two_who_speak_for_one_group_are_shown_to_a_person(text, band):
    """人数、总额、单位、期间都说的是同一批人: a clerk would look; nothing is joined."""
    like = judged(order(GROUP), order(text, "E2", caller_phone="13900000102"))
    assert like.band == band
    assert ("group_same" in names(like)) == ("person_other" not in names(like))


def test_two_of_whom_one_names_no_sum_may_be_any_two():
    two = GROUP.replace("5个人", "两个人")
    other = order(two.replace("共15600元", ""), "E2", caller_phone="13900000102")
    assert judged(order(two), other).band == "new"
    assert judged(order(two), order(two, "E2", caller_phone="13900000102")).band == "suggest"


@pytest.mark.parametrize("more", [{"anonymous": "是"}, {"content": f"匿名群众反映：{SHOP}"}])
def test_anonymous_never_joins_whatever_the_sum(more):
    quiet = order(number="E2", **more)
    for like in (judged(order(), quiet), judged(quiet, order()), judged(order(), quiet, home=True)):
        assert like.band == "suggest"


def test_a_reference_joins_one_person_and_is_shown_to_another():
    assert judged(order(), order("催问", "E2", duplicate_of="E1")).band == "join"
    other = order("催问", "E2", duplicate_of="E1", caller_phone="13900000102")
    assert judged(order(), other).band == "suggest"


def test_closed_is_shown_and_long_ago_is_not():
    one = known(order())
    closed = one.model_copy(update={"closed_at": NOW - timedelta(days=1)})
    assert likeness(RULE, closed, order(number="E2"), home=True).band == "suggest"
    late = order(number="E2").model_copy(update={"received_at": NOW + timedelta(days=91)})
    assert likeness(RULE, one, late, home=True).band == "new"


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("好又来便利店", "好又来便利店", "employer_same"),
        ("好又来便利店", "好又来", "employer_short"),
        ("中百仓储超市", "中百超市", "employer_short"),
        ("老灶台火锅店", "灶台火锅店", "employer_short"),
        ("好又来便利店", "好又莱便利店", "employer_alike"),
        ("红旗餐馆", "宏旗餐馆", "employer_alike"),
        ("天虹超市一店", "天虹超市二店", "employer_other"),
        ("天虹超市", "天虹超市二店", "employer_branch"),
        ("好又来便利店", "一家便利店", "employer_trade"),
        ("好又来便利店", "某便利店", "employer_trade"),
        ("好又来便利店", "餐馆", "employer_other"),
        ("某火锅店", "某火锅店", "employer_same"),
        ("火锅店", "火锅店", "employer_trade"),
        ("锦和", "服装加工厂", "employer_trade"),
        ("宏达服装厂", "金桂服装厂", "employer_other"),
        ("顺安达快递樊口分部", "顺安达快递花湖分部", "employer_other"),
        ("宏磊耐火材料", "烧耐火砖的厂", "employer_trade"),
        ("晶联光电", "晶联厂", "employer_kin"),
        ("恒通砂石运输", "恒通车队", "employer_kin"),
        ("宏达服装厂", "宏达超市", "employer_kin"),
        ("鑫达汽车修理厂", "汽修厂", "employer_trade"),
        ("鑫达汽车修理厂", "超市", "employer_other"),
    ],
)
def test_names(one, other, rule):
    assert compared(RULE, one, other) == compared(RULE, other, one) == rule


@pytest.mark.parametrize(
    ("employer", "more", "rule", "band"),
    [
        ("宏达超市", "", "employer_kin", "join"),
        ("宏达超市", "另一笔3100元", "employer_kin", "suggest"),
        ("樊江船厂", "", "employer_renamed", "suggest"),
        ("樊江船厂", "另一笔3100元", "employer_other", "new"),
        ("宏达服装厂二厂", "另一笔3100元", "employer_short", "join"),
    ],
)
def test_one_person_is_owed_one_sum_for_the_same_months_by_one_employer(employer, more, rule, band):
    """同一电话、同一金额、同一期间、同一镇街: another name is shown, a shorter one joined."""
    told = "西山街道{}拖欠九月十月工资{}"
    one = order(told.format("宏达服装厂", "4800元"))
    other = order(told.format(employer, "3100元" if more else "4800元"), "E2")
    like = judged(one, other)
    assert (rule in names(like), like.band) == (True, band)


ONE, TWO = "91420704MA4A00001A", "91420704MA4A00002B"


@pytest.mark.parametrize(
    ("name", "codes", "rule"),
    [
        ("便利屋", (ONE, ONE), "employer_same"),
        ("好又来便利店", (ONE, TWO), "employer_other"),
        ("好又来便利店", (ONE, ""), "employer_same"),
        ("好又来便利店二店", (ONE, TWO), "employer_branch"),
        ("老王火锅", (ONE, TWO), "employer_other"),
    ],
)
def test_a_credit_code_says_who_an_employer_is_where_both_have_one(name, codes, rule):
    def coded(one: Submission, name: str, code: str) -> Submission:
        employer = one.matter.employer.model_copy(update={"normalised": name, "uscc": code})
        return one.model_copy(
            update={"matter": one.matter.model_copy(update={"employer": employer})}
        )

    like = judged(
        coded(order(), "好又来便利店", codes[0]), coded(order(number="E2"), name, codes[1])
    )
    assert {one for one in names(like) if one.startswith("employer")} == {rule}
