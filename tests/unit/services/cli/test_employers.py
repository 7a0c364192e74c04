import json

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from tests.support.xlsx import write_xlsx
from tests.unit.services.intake.core.test_register import code

RUN = CliRunner()
HEAD = ["统一社会信用代码", "企业名称", "曾用名", "住所（经营场所）", "网格码", "法定代表人"]
GOOD = [
    code(1),
    "鄂州市顺安达快递有限公司",
    "迅安速递",
    "樊口街道樊川社区",
    "420704004-G02",
    "某人",
]


@pytest.fixture
def anxin(monkeypatch, tmp_path):
    monkeypatch.setenv("ANXIN_HOME", str(tmp_path / "home"))

    def run(*words):
        done = RUN.invoke(app, [*map(str, words), "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    return run


def test_an_export_becomes_the_register_and_names_are_found_in_it(anxin, tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx", {"企业": [["鄂城区企业名录"], HEAD, GOOD, ["合计", "1"]]}
    )
    assert anxin("employers", "match", "顺安达快递")[0] == 2
    code_, said = anxin("employers", "import", path)
    assert (code_, said["total"], said["imported"], said["refused"]) == (0, 1, 1, 0)
    code_, found = anxin("employers", "match", "顺安达快递")
    assert (code_, found["name"], found["rule"]) == (0, GOOD[1], "short_name")
    assert anxin("employers", "match", "某火锅店")[0] == 1
    assert "某人" not in (tmp_path / "home" / "employers.csv").read_text(encoding="utf-8")


def test_bad_rows_are_told_and_nothing_is_written_unless_asked(anxin, tmp_path):
    rows = [
        GOOD,
        ["91420704XXXXXXXXX0", "甲厂"],
        [code(1), "乙厂"],
        [code(2), ""],
        [code(3), "丙厂", "", "", "420704004-G99"],
    ]
    text = "\n".join(",".join(row) for row in [HEAD, *rows])
    (tmp_path / "a.csv").write_text(text, encoding="gb18030")
    code_, said = anxin("employers", "import", tmp_path / "a.csv")
    assert (code_, said["imported"]) == (1, 0)
    assert [(one["row"], one["field"]) for one in said["rows"]] == [
        (3, "uscc"),
        (4, "uscc"),
        (5, "name"),
        (6, "grid"),
    ]
    assert not (tmp_path / "home" / "employers.csv").exists()
    code_, said = anxin("employers", "import", tmp_path / "a.csv", "--skip-bad")
    assert (code_, said["imported"]) == (1, 1)
    assert (tmp_path / "home" / "employers.csv").exists()


def test_a_file_that_is_no_register_is_refused(anxin, tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    assert anxin("employers", "import", tmp_path / "a.csv")[0] == 1
    (tmp_path / "b.xlsx").write_bytes(b"no")
    assert anxin("employers", "import", tmp_path / "b.xlsx")[0] == 2
