import pytest
from prometheus_client import CollectorRegistry

from schemas.codec import encode
from schemas.event import Record
from services.router.app import stages
from services.router.metrics import RouterMetrics
from services.router.settings import load_policy
from services.runtime.settings import Settings
from tests.support import events
from tests.support.router import NOW, by_hand, hint, opened, policy, returned, unit, village

CASE = str(events.CASE)


class Router:
    """The stage with its row, as the engine would run it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        (self.stage,) = stages(policy(), self.registry)
        self.row = None

    def take(self, event):
        headers, value = encode(event)
        record = Record("cases", 0, 0, NOW, CASE.encode(), value, tuple(headers))
        item = self.stage.decode(record)
        step = self.stage.decide(self.row, item, NOW)
        self.stage.observe(self.row, step.state, item, step.events, NOW)
        self.row = step.state
        return item, step.events

    def count(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def router() -> Router:
    return Router()


def test_the_wiring(router):
    assert (router.stage.name, router.stage.inputs) == ("route", ("cases", "escalations"))
    item, outs = router.take(opened(village("420704107003")))
    assert item.key == CASE
    assert [(out.topic, out.key) for out in outs] == [("routings", CASE)]


def test_a_fact_belongs_to_its_case_whatever_its_subject_says(router):
    fact = returned()
    odd = type(fact)(fact.id, fact.source, fact.time, "something else", fact.data)
    assert router.take(odd)[0].key == CASE


def test_every_label_is_there_at_start_with_zero(router):
    names = {
        "anxin_routed_total": 129 * 7 + 10,
        "anxin_returns_total": 130 * 5,
        "anxin_unroutable_total": 5,
        "anxin_routing_confidence_count": 10,
    }
    for metric in router.registry.collect():
        samples = [one for one in metric.samples if one.name.endswith(("_total", "_count"))]
        assert len(samples) == names.pop(samples[0].name)
        assert {one.value for one in samples} == {0.0}
    assert names == {}


def test_what_is_counted(router):
    router.take(opened(village("420704107003")))
    router.take(returned(from_grid="420704107-G02", reason="not_ours"))
    router.take(by_hand(2, route_grid="420704107-G01", from_grid="420704107-G02"))
    router.take(returned(3, from_grid="420704107-G01", reason="disputed", disputed=True))
    grid = "420704107-G02"
    assert router.count("anxin_routed_total", grid=grid, rule_kind="village") == 1
    assert router.count("anxin_routed_total", grid="", rule_kind="triage") == 1
    assert router.count("anxin_unroutable_total", reason="triage") == 1
    assert router.count("anxin_routed_total", grid="420704107-G01", rule_kind="manual") == 1
    assert router.count("anxin_returns_total", grid=grid, reason="not_ours") == 1
    disputed = {"grid": "420704107-G01", "reason": "disputed"}
    assert router.count("anxin_returns_total", **disputed) == 1
    returns = next(m for m in router.registry.collect() if m.name == "anxin_returns")
    counted = [one.value for one in returns.samples if one.name.endswith("_total")]
    assert sum(counted) == 2  # by hand is no return


def test_a_declined_case_is_counted_by_verdict(router):
    router.take(opened(unit("420704002"), hints=(hint("other_district"),)))
    assert router.count("anxin_unroutable_total", reason="other_district") == 1


def test_labels_stay_closed():
    registry = CollectorRegistry()
    metrics = RouterMetrics(registry, {"420704107-G02"})
    metrics.count(returned(from_grid="from an old map", reason="free words"), ())
    labels = {"grid": "other", "reason": "other"}
    assert registry.get_sample_value("anxin_returns_total", labels) == 1


def test_a_folder_with_a_hole_stops_the_start_with_the_files_name(tmp_path):
    source = Settings().policies
    (tmp_path / "grids").mkdir()
    (tmp_path / "places").symlink_to(source / "places")
    (tmp_path / "categories.csv").symlink_to(source / "categories.csv")
    settings = Settings(policies=tmp_path)
    with pytest.raises(ValueError, match="no dated map"):
        load_policy(settings)
    rows = (source / "grids" / "2025-01-01.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "grids" / "2025-01-01.csv").write_text("\n".join(rows[:-1]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"grids/2025-01-01\.csv: 128 grids"):
        load_policy(settings)
    (tmp_path / "grids" / "2025-01-01.csv").rename(tmp_path / "grids" / "new.csv")
    with pytest.raises(ValueError, match=r"grids/new\.csv"):
        load_policy(settings)


def test_the_confidence_of_a_first_routing_is_counted_once(router):
    router.take(opened(village("420704107003")))
    router.take(returned())
    name = "anxin_routing_confidence"
    assert router.count(f"{name}_count", rule_kind="village") == 1
    assert router.count(f"{name}_sum", rule_kind="village") == 0.9
    assert router.count(f"{name}_count", rule_kind="returned") == 0
    assert router.count(f"{name}_bucket", rule_kind="village", le="0.8") == 0
