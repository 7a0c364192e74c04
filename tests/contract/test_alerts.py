"""Alerts and dashboards: every query is valid and names a metric that exists; every alert has its runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from services.cli import generate_dashboards, generate_metrics

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
TESTS = sorted(FOLDER.glob("*_test.yml"))
PANELS = [panel for _, panels in generate_dashboards.BOARDS.values() for panel in panels]
OWNERS = {"operators", "centre", "policy"}
WORDS = {"by", "without", "on", "ignoring", "and", "or", "unless", "bool", "group_left", "offset"}
promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
amtool = pytest.mark.skipif(not shutil.which("amtool"), reason="amtool is not installed")


def tool(*words: object, cwd: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )


def named(expr: str) -> set[str]:
    """Metric names of a query."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', " ", expr)
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    found = re.findall(r"([a-zA-Z_:][\w:]*)\s*(\(?)", bare)
    return {name for name, call in found if not call} - WORDS


def test_the_reader_of_queries_sees_names_and_nothing_else():
    expr = 'sum by (le, job) (rate(a_total{x="b"}[5m])) / on (job) c:d > 1'
    assert named(expr) == {"a_total", "c:d"}
    assert named('x or label_replace(e, "f", "$1", "g", "h") == 0') == {"x", "e"}


@pytest.mark.parametrize("expr", [rule["expr"] for rule in RULES] + [one.expr for one in PANELS])
def test_a_query_names_only_metrics_that_exist(expr):
    assert named(expr)
    assert named(expr) <= generate_metrics.names(ROOT / "policies") | RECORDED


def test_the_documentation_names_every_metric():
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    rows = [row for found in generate_metrics.declared(ROOT / "policies").values() for row in found]
    assert len(rows) > 20
    for name, _, _, text in rows:
        assert f"| `{name}` |" in page
        assert text.rstrip(".")
        assert "|" not in text


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_whose_it_is_how_bad_and_what_to_do(name):
    rule = ALERTS[name]
    assert rule["labels"]["owner"] in OWNERS
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    text = (ROOT / page).read_text(encoding="utf-8")
    runbook = re.search(rf"^## {name}\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert anchor == name.lower()
    assert runbook
    lines = [line for line in runbook[1].splitlines() if line]
    assert 1 <= len(lines) <= 6


def test_runbooks_have_no_orphans():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (\w+)$", text.split("# Runbooks")[1], re.MULTILINE)) == set(ALERTS)
    assert len(text.splitlines()) <= 200


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_is_seen_firing_and_silent(name):
    cases = [
        case
        for path in TESTS
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == name
    ]
    assert any(case.get("exp_alerts") for case in cases)
    assert any(not case.get("exp_alerts") for case in cases)


@promtool
def test_promtool_accepts_rules_and_configuration():
    done = tool("promtool", "check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_promtool_runs_the_cases(path):
    done = tool("promtool", "test", "rules", path.name)
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
def test_a_rule_that_never_fires_fails_its_cases(tmp_path):
    rules = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
    dull = rules.replace("(anxin_timers_overdue_unfired) > 0", "(anxin_timers_overdue_unfired) > 9")
    assert dull != rules
    (tmp_path / "alerts.yml").write_text(dull, encoding="utf-8")
    shutil.copy(FOLDER / "alerts_test.yml", tmp_path)
    done = tool("promtool", "test", "rules", "alerts_test.yml", cwd=tmp_path)
    assert done.returncode == 1
    assert "DeadlinesUnfired" in done.stdout + done.stderr


@promtool
def test_the_queries_of_the_dashboards_are_valid(tmp_path):
    def check(exprs: list[str]) -> int:
        rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(exprs)]
        path = tmp_path / "panels.yml"
        path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
        return tool("promtool", "check", "rules", path).returncode

    boards = [json.loads(text) for text in generate_dashboards.dashboards().values()]
    exprs = [t["expr"] for board in boards for panel in board["panels"] for t in panel["targets"]]
    assert len(exprs) == len(PANELS)
    assert check(exprs) == 0
    assert check([*exprs, "sum by (rate(x[5m])"]) != 0


@amtool
def test_amtool_accepts_the_routes_and_sends_each_owner_his_own():
    path = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    assert tool("amtool", "check-config", path).returncode == 0
    for name, rule in ALERTS.items():
        labels = [f"{key}={value}" for key, value in rule["labels"].items()]
        routed = tool("amtool", "config", "routes", "test", f"--config.file={path}", *labels)
        assert routed.stdout.split() == [rule["labels"]["owner"]], name
