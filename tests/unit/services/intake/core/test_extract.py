import csv
import json
import random
from pathlib import Path

import pytest

from services.cli.routed import judge
from services.intake.core.check import check_complaints
from tests.support.intake import matter, policy, submission
from tests.support.router import policy as router_policy
from tests.support.speech import vector

VECTORS = Path(__file__).resolve().parents[4] / "vectors"
FLOOR = {
    "unit": 0.97, "employer": 0.92, "people": 0.97, "amount_yuan": 0.97, "category": 0.92, "competence": 0.95,
    "urgent": 0.9,
}  # fmt: skip
"""Precision and recall; an urgent matter is never missed."""


def verdicts(text: str) -> set[str]:
    return {hint.verdict for hint in matter(text).hints}


def texts() -> list[str]:
    return ["complaints.jsonl", *sorted(path.name for path in VECTORS.glob("fresh-*.jsonl"))]


@pytest.mark.parametrize("name", texts())
def test_floor_of_accuracy(name: str) -> None:
    lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
    fields = check_complaints(policy(), lines, judge(router_policy(), "420704"))["fields"]
    low = {
        (field, which, fields[field][which])
        for field, floor in FLOOR.items()
        for which in ("precision", "recall")
        if fields[field][which] < floor
    }
    assert low == set()
    assert fields["urgent"]["recall"] == 1.0


@pytest.mark.parametrize(
    ("text", "unit", "village"),
    [
        ("在汀祖镇凤凰村一家石材厂上班欠薪", "420704104", "420704104203"),
        ("凤凰街办莲花山社区理发店欠工资", "420704001", "420704001008"),
        ("碧石镇加工点欠工资", "420704103", ""),
        ("菜元头村一家餐馆欠工资", "420704001", "420704001018"),
    ],
)
def test_names_and_their_traps(text: str, unit: str, village: str) -> None:
    places = matter(text).places
    assert {one.unit_code for one in places} == {unit}
    assert village in {one.code for one in places} | {""}


@pytest.mark.parametrize(
    "text",
    [
        "家住鄂城区凤凰街道，在葛店某光电公司上班，欠工资3000元",
        "黄石花湖街道的厂欠我工资2000元",
        "在武汉的工厂打工欠薪，老家是鄂城区泽林镇",
    ],
)
def test_the_place_of_work_decides(text: str) -> None:
    assert "other_district" in verdicts(text)


def test_home_elsewhere_work_here() -> None:
    assert verdicts("家住武汉，在鄂城区樊口街道某超市上班，欠工资3000元") == set()


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("拖欠工资共计一万八，电话13800000101", 18000),
        ("月薪4000，三个月没发工资", 12000),
        ("一共8000，已付2000，还欠6000元", 6000),
        ("每人大概三千，我们5个人", 15000),
        ("欠工资5000元，押金500也不退", 5000),
        ("欠我工资，电话0711-3350000", None),
        ("做了一千二百斤，每斤一块五，拖欠计件工资", 1800),
        ("8毛钱一斤，摘了2000斤，工钱一分没给", 1600),
        ("还欠我2万6工资没给。这个月房租还差800", 26000),
        ("拖欠工资及路费共5000元", 5000),
    ],
)
def test_amount_claimed(text: str, yuan: int | None) -> None:
    found = matter("某超市" + text).amount_fen
    assert found == (None if yuan is None else yuan * 100)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025年11月至2026年1月在某店工作未发工资", "2025-11", "2026-01"),
        ("去年11月至今年1月的工资没发", "2025-11", "2026-01"),
        ("九月十月工资没发", "2026-09", "2026-10"),
        ("12月工资没发", "2025-12", "2025-12"),
        ("从7月起没发过工资", "2026-07", "2026-11"),
    ],
)
def test_period_is_absolute(text: str, first: str, last: str) -> None:
    found = matter("某店" + text)
    assert (found.period_from, found.period_to) == (first, last)


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("某厂欠我们12个人工资", True),
        ("某厂老板跑路了，欠工资", True),
        ("再不给就去跳楼，某厂欠工资", True),
        ("某厂扣身份证不让走", True),
        ("某厂欠我工资，老板没有跑路，就是不给", False),
        ("某厂欠工资，问怎么投诉", False),
    ],
)
def test_urgency(text: str, urgent: bool) -> None:
    found = matter(text)
    assert found.urgent is urgent
    assert bool(found.urgent_reasons) is urgent


@pytest.mark.parametrize(
    ("text", "category", "exit_"),
    [
        ("某厂没交社保", "social_insurance", ""),
        ("某厂招了个十四岁的孩子上班", "child_labour", ""),
        ("甲方欠我工程款十万", "out_of_scope", "exit_contract_price"),
        ("买的房子逾期交房要求退款", "out_of_scope", "exit_consumer"),
        ("请问最低工资标准是多少", "out_of_scope", "exit_question"),
        ("医保报销比例不对", "out_of_scope", "exit_medical"),
        ("某超市欠工资，也没签劳动合同", "wages", ""),
    ],
)
def test_category_or_exit(text: str, category: str, exit_: str) -> None:
    found = matter(text)
    assert found.category == category
    assert [hint.exit for hint in found.hints if hint.verdict == "not_labour"] == [exit_] * bool(
        exit_
    )


def test_arbitration_entered_and_only_thought_of() -> None:
    assert "in_arbitration" in verdicts("某店欠工资，已申请仲裁")
    assert "in_arbitration" not in verdicts("某店欠工资，想申请仲裁")


def test_two_years() -> None:
    assert "time_barred" in verdicts("2023年3月在某店上班，当年4月离职，工资没给")
    assert "time_barred" not in verdicts("2023年3月在某店上班至今，工资没给")


def test_employer_column_and_normal_form() -> None:
    raw = {"clue_no": "1", "mobile": "13800000107", "employer": "鄂州市鄂城区好又来便利店（西山）"}
    employer = submission("national", raw).matter.employer
    assert employer is not None
    assert (employer.name, employer.normalised) == (raw["employer"], "好又来便利店")


def test_provincial_alert_owes_the_difference() -> None:
    raw = {
        "alert_no": "HB1", "unit_name": "某家电厂", "alert_type": "未按月发放", "period": "2026-09",
        "payable_yuan": "12400", "paid_yuan": 400, "generated_at": 1793667900000,
    }  # fmt: skip
    found = submission("provincial", raw).matter
    assert (found.amount_fen, found.period_from, found.category) == (1_200_000, "2026-09", "wages")


UNSEEN = {
    "unit": 0.97, "employer": 0.92, "people": 0.93, "amount_yuan": 0.94, "category": 0.95, "competence": 0.95,
    "urgent": 0.88,
}  # fmt: skip
"""What was measured on texts no rule was worked out with: below the goals, and not to fall further."""
UNSEEN_5 = {
    "unit": 0.95, "employer": 0.97, "people": 0.92, "amount_yuan": 0.97, "category": 0.92, "competence": 0.94,
    "urgent": 0.77, "same_matter_as": 1.0,
}  # fmt: skip


WILD = {
    "unit": 0.97, "employer": 0.97, "people": 1.0, "amount_yuan": 1.0, "category": 0.95, "competence": 0.95,
    "urgent": 1.0,
}  # fmt: skip
"""Texts that were worked out but for a dozen: what was reached."""


@pytest.mark.parametrize(
    ("name", "floors"),
    [
        ("unseen-3.jsonl", UNSEEN),
        ("unseen-5.jsonl", UNSEEN_5),
        ("wild-1.jsonl", WILD),
    ],
)
def test_floor_of_accuracy_on_texts_not_worked_out(name: str, floors: dict[str, float]) -> None:
    lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
    fields = check_complaints(policy(), lines, judge(router_policy(), "420704"))["fields"]
    assert {
        (field, fields[field]["precision"], fields[field]["recall"]) for field, floor in floors.items()
        if min(fields[field]["precision"], fields[field]["recall"]) < floor
    } == set()  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows("urgent.csv"), ids=lambda row: row["text"][:12])
def test_what_sounds_urgent_and_what_is(row: dict[str, str]) -> None:
    assert matter(row["text"]).urgent is (row["urgent"] == "1")


@pytest.mark.parametrize("row", rows("sums.csv"), ids=lambda row: row["text"][:12])
def test_how_many_and_how_much(row: dict[str, str]) -> None:
    found = matter(row["text"])
    asked = int(row["people"] or 0) or None, int(row["amount_yuan"] or 0) * 100 or None
    assert (found.people, found.amount_fen) == asked


@pytest.mark.parametrize("row", rows("matters.csv"), ids=lambda row: row["text"][:12])
def test_what_it_is_about_and_whose_it_is(row: dict[str, str]) -> None:
    found = matter(row["text"])
    said = {hint.verdict for hint in found.hints} or {"accept"}
    assert (found.category, row["competence"] in said) == (row["category"], True)


GOAL = {
    "unit": 0.97, "employer": 0.92, "people": 0.97, "amount_yuan": 0.97, "category": 0.92, "competence": 0.95,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_goals_on_seeded_speech(seed: int) -> None:
    rng = random.Random(seed)
    lines = [json.dumps(vector(rng, number)) for number in range(250)]
    fields = check_complaints(policy(), lines, judge(router_policy(), "420704"))["fields"]
    assert {
        (field, fields[field]) for field, goal in GOAL.items()
        if min(fields[field]["precision"], fields[field]["recall"]) < goal
    } == set()  # fmt: skip
    assert fields["urgent"]["recall"] == 1.0
    assert fields["urgent"]["precision"] >= 0.9


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("本人在泽林镇某包装厂上班，欠工资3000元", "420704100"),
        ("来电人在凤凰街道某超市做理货员，单位扣工资", "420704001"),
        ("某电子厂欠我工资3000元，现在人在深圳，厂在泽林镇", "420704100"),
    ],
)
def test_who_is_somewhere_and_who_works_there(text: str, unit: str) -> None:
    assert {one.unit_code for one in matter(text).places if one.role == "work"} == {unit}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我在蜜雪冰城做店员，两个月工资没给，在凤凰街道司徒社区", "蜜雪冰城"),
        ("我给老兵搬家干了十天，一天200，一分没给", "老兵搬家"),
        ("汀祖镇王二麻子老板欠我2000块工钱", "王二麻子"),
        ("在碧石渡镇流水线上班，工资没发", None),
        ("求你们赶紧发吧，老板欠工资3000", None),
        ("员工每天站12个小时没有休息，在凤凰街道", None),
        ("望尽快处理某酒店拖欠工资一事", "某酒店"),
        ("燕矶镇某污水处理厂欠工资", "某污水处理厂"),
        ("我怀孕后公司把我工资降了，樊口街道卓越教育", "卓越教育"),
    ],
)
def test_an_employer_no_word_gives_away(text: str, name: str | None) -> None:
    employer = matter(text).employer
    assert (employer.name if employer else None) == name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("我们5个服务员加2个厨师3个月没发钱了", 7),
        ("补充一下，欠薪人数不是8个是5个", 5),
        ("某印刷厂欠我工资5000元。厂里一共有两百多人", None),
    ],
)
def test_who_is_counted(text: str, count: int | None) -> None:
    assert matter(text).people == count


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("某托育中心工资发到8月31号，不欠我的，但是辞退我一分钱补偿都不给", "other_labour"),
        ("某物业收的600块押金不退，工资一分没少我的", "deposit_or_id_withheld"),
        ("某超市国庆全部上班，按平日工资发放，没有支付节假日加班费", "overtime"),
        ("某养生馆的工资加提成一共九万多块一分都冇拿到", "wages"),
        ("某五金厂还我血汗钱，4800", "wages"),
        ("来电表扬，上个月反映的某酒店欠薪已经全部到账，特来致谢", "out_of_scope"),
        ("望尽快处理某酒店拖欠工资5000元一事，特此致谢！", "wages"),
        ("只要求某超市支付拖欠的工资，没有其他诉求", "wages"),
        ("某酒店的工资已经全部到账，但是押金500元不退", "deposit_or_id_withheld"),
        ("某服装厂工资没有按时发放，每个月都拖", "wages"),
        ("某超市工资发到6月，7月至9月没发，也没签合同", "wages"),
        ("古楼街道某超市工资没发社保没交", "wages"),
        ("某五金厂只发底薪不发加班费", "overtime"),
        ("某电子厂每天加班14小时，影响员工休息", "working_hours"),
        ("请某公司提供资料，入职半年没签合同", "contract"),
    ],
)
def test_what_is_paid_and_what_is_owed(text: str, category: str) -> None:
    assert matter(text).category == category


@pytest.mark.parametrize(
    "text",
    ["某垃圾焚烧厂欠工资4000元", "客人点火锅，某火锅店扣我工资300", "某超市欠的不是500是800元"],
)
def test_what_only_sounds_urgent(text: str) -> None:
    assert not matter(text).urgent


@pytest.mark.parametrize(
    "text", ["泽林镇某汽修厂在滨湖路，拖欠工资3000元", "在公路边的某饭店上班，欠工资3000元"]
)
def test_a_road_builds_nothing(text: str) -> None:
    assert matter(text).sector == "non_construction"
