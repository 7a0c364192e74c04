import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.router.core.policy import Policy
from tests.support import router

RUN = CliRunner()
PATROL = {
    "patrol_no": "XC-1", "grid": "420704107-G02", "place": "花湖镇金鸡桥社区", "unit_name": "某生鲜超市",
    "arrears_signs": "有", "started_at": "2025-03-05 09:00:00",
}  # fmt: skip


def explain(*words: str) -> str:
    done = RUN.invoke(app, ["route", "explain", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_persons_answer_has_everything():
    said = explain("在鄂城区凤凰街道司徒社区某火锅店做服务员，被拖欠工资六千二，电话13800001101")
    for line in (
        "单位　　某火锅店", "结论　　受理", "镇街　　凤凰街道", "村社区　司徒社区",
        "网格　　420704001-G13", "岗位　　专职网格员", "依据　　村社区，把握 90%",
        "证据　用工地点写明司徒社区（content 8–12「司徒社区」）", "备选　凤凰街道 司徒社区 420704001-G14",
        "网格图　2025-01-01/",
    ):  # fmt: skip
        assert line in said
    assert "13800001101" not in said


def test_triage_a_decline_and_a_site_say_why():
    assert "分拣　　同一处写明樊口街道和古楼街道" in explain(
        "在樊口街道和古楼街道两处店里上班都欠工资"
    )
    declined = explain("葛店开发区某光电公司欠薪")
    assert "不予办理：不属本区（exit_other_district）" in declined
    assert "去向　　用工所在地人社部门" in declined
    assert "岗位　　劳动保障监察大队长" in explain("泽林镇工地拖欠木工工资3万")


def test_an_employer_can_be_named_with_or_without_a_column_for_it():
    for channel in ("12345", "window"):
        said = json.loads(
            explain(
                "寒溪社区店里欠薪", "--employer", "好又来便利店", "--channel", channel, "--json"
            )
        )
        assert said["matter"]["employer"]["name"] == "好又来便利店"
        assert said["target"]["grid"] == "420704003-G06"


@pytest.mark.parametrize("shape", [lambda raw: raw, lambda raw: {"channel": "patrol", "raw": raw}])
def test_a_file_with_one_raw_record(tmp_path: Path, shape):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(shape(PATROL)), encoding="utf-8")
    said = json.loads(explain(str(path), "--channel", "patrol", "--json"))
    assert (said["target"]["grid"], said["rule_kind"]) == ("420704107-G02", "grid")


def test_a_file_of_words_and_words_longer_than_any_path(tmp_path: Path):
    path = tmp_path / "words.txt"
    path.write_text("花湖镇金鸡桥社区某超市欠薪\n", encoding="utf-8")
    assert "420704107-G02" in explain(str(path))
    assert "420704107-G02" in explain("花湖镇金鸡桥社区某超市欠薪。" + "多次讨要无果。" * 60)


def test_the_day_picks_the_map(monkeypatch):
    days = []
    picked = Policy.map_at
    monkeypatch.setattr(
        Policy, "map_at", lambda self, now: days.append(now.isoformat()) or picked(self, now)
    )
    explain("花湖镇某超市欠薪", "--on", "2026-11-16T10:00")
    assert days == ["2026-11-16T10:00:00+08:00"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["x", "--channel", "telepathy"], 2, "没有渠道 telepathy"),
        (["x", "--channel", "provincial"], 1, "既没有诉求内容也没有用人单位"),
        (["x", "--on", "someday"], 2, "--on"),
        (["好" * 5000], 1, "超过 4000 个字符"),
    ],
)
def test_what_cannot_be_read_is_one_line_not_a_traceback(words, code, said):
    done = RUN.invoke(app, ["route", "explain", *words])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (code, True)
    assert said in done.stderr


@pytest.mark.parametrize("content", [b"{broken", b"[1, 2]", b"\xff\xfe"])
def test_a_broken_file_too(tmp_path: Path, content):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    done = RUN.invoke(app, ["route", "explain", str(path)])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (2, True)


def test_every_post_the_router_names_has_a_chinese_name():
    names = {row["post"] for row in router.rows("ladder.csv")}
    posts = {"grid_officer", "town_squad_leader", "brigade_leader", "centre_duty", "centre_head"}
    assert posts <= names
