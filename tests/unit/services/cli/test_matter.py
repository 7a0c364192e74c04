import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app

RUN = CliRunner()
ONE = "西山街道好又来便利店拖欠九月十月工资4800元，电话13800000101"
SAME = "好又来便利店（西山）欠我4800，电话13800000101"
OTHER = "泽林镇宏达服装厂欠工资，电话13800000101"


def explain(*words: str) -> str:
    done = RUN.invoke(app, ["matter", "explain", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_two_records_point_by_point():
    said = explain(ONE, SAME)
    for line in (
        "employer_same",
        "+35",
        "单位名称相同：好又来便利店",
        "65 分以上自动并案",
        "：自动并案",
    ):
        assert line in said
    assert "13800000101" not in said
    assert "：另立新案" in explain(ONE, OTHER)


def test_json_adds_up():
    like = json.loads(explain(ONE, SAME, "--json"))
    total = sum(one["points"] for one in like["points"])
    assert (like["band"], like["score"]) == ("join", min(total, 100) / 100)


def test_a_new_phone_with_the_same_id_number(tmp_path: Path):
    paths = []
    for number, phone in enumerate(("13800000101", "13900000102")):
        raw = {
            "clue_no": f"Q{number}", "mobile": phone, "id_number": "420704198802300005",
            "employer": "好又来便利店", "description": "拖欠工资",
        }  # fmt: skip
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({"channel": "national", "raw": raw}), encoding="utf-8")
        paths.append(str(path))
    like = json.loads(explain(*paths, "--json"))
    assert (like["band"], like["points"][0]["rule"]) == ("join", "id_same")


def lines(tmp_path: Path, *texts: str) -> str:
    path = tmp_path / "day.jsonl"
    rows = [
        {"channel": "12345", "raw": {"order_no": f"E{n}", "content": text, "accepted_at": "2026-11-16 09:00"}}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    return str(path)


def test_a_file_in_turn(tmp_path: Path):
    path = lines(
        tmp_path, ONE, OTHER, SAME, "匿名群众反映：西山街道好又来便利店拖欠九月十月工资4800元"
    )
    said = explain(path)
    assert "3\t并入第 1 行的案件" in said
    assert "提示核对第 1 行的案件：诉求人不明" in said
    found = json.loads(explain(path, "--json"))
    assert [one["type"].split(".")[-2] for one in found] == ["opened", "opened", "joined", "opened"]
    assert found[3]["suggested"][0]["likeness"]["band"] == "suggest"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["x"], 2, "只给了一件"),
        (["x", "y", "--channel", "telepathy"], 2, "没有渠道 telepathy"),
        (["好" * 5000, "y"], 1, "超过 4000 个字符"),
    ],
)
def test_what_cannot_be_read_is_one_line(words, code, said):
    done = RUN.invoke(app, ["matter", "explain", *words])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (code, True)
    assert said in done.stderr


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ('{"channel": "12345"}', 2, "第 1 行：每行须为"),
        ("words", 2, "第 1 行：每行须为"),
        ('{"channel": "12345", "raw": {}}', 1, "第 1 行：缺少来源编号"),
    ],
)
def test_a_broken_file_names_the_line(tmp_path: Path, content, code, said):
    path = tmp_path / "day.jsonl"
    path.write_text(content, encoding="utf-8")
    done = RUN.invoke(app, ["matter", "explain", str(path)])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (code, True)
    assert said in done.stderr
