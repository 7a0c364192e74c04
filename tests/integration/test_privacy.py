"""Personal data on a real Kafka: nowhere after inbound, seen only for a reason that is kept, erased for ever."""

import json
import re
import urllib.request
from datetime import UTC, datetime

import httpx
import pytest
from typer.testing import CliRunner

from schemas.audit import PersonalDataRevealed, PersonErased, VaultKeyRotated
from schemas.codec import decode
from schemas.event import Record
from schemas.topics import BY_NAME, INBOUND
from services.cli.__main__ import app
from services.runtime.broker import free_port
from services.runtime.erasure import digest
from services.runtime.settings import Settings
from services.runtime.vault import open_vault
from tests.support.complaints import inbound
from tests.support.kafka import Tail, send, until
from tests.support.persons import found_in, records

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
RUN = CliRunner()
COUNT, BROKEN = 120, 12
AS_THEY_CAME = {*INBOUND, "quarantine"}
BY = ("--by", "centre-head", "--reason", "回访核实情况")


@pytest.fixture
def anxin(kafka, prefix, tmp_path, monkeypatch):
    """anxin(*words, typed="") -> (exit code, JSON or standard error)"""
    for name, value in (
        ("KAFKA", kafka.bootstrap),
        ("TOPIC_PREFIX", prefix),
        ("HOME", str(tmp_path / "home")),
    ):
        monkeypatch.setenv(f"ANXIN_{name}", value)

    def run(*words: str, typed: str = "") -> tuple[int, object]:
        done = RUN.invoke(app, [*words, "--json"], input=typed)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else done.stderr

    return run


def deliver(kafka, prefix, found, now) -> None:
    """Every tenth record is broken: a negative number, bytes of another encoding, a date ahead."""
    by_topic: dict[str, list] = {}
    for number, (_, channel, name, raw) in enumerate(found):
        ways = (
            raw | {"people": -1},
            json.dumps(raw, ensure_ascii=False).encode("gb18030"),
            {
                **raw,
                next(key for key in raw if key.endswith("_at") or key == "受理时间"): "2999-01-01",
            },
        )
        sent = ways[number // 10 % 3] if number % 10 == 0 else raw
        topic, key, value, headers = inbound(channel, name, sent, now)
        by_topic.setdefault(topic, []).append((key, value, headers))
    for topic, portion in by_topic.items():
        send(kafka.bootstrap, prefix + topic, portion)


def everything(kafka, prefix, topic: str) -> bytes:
    return b"\n".join(
        part
        for record in Tail(kafka.bootstrap, prefix, topic).all()
        for part in (record.key or b"", record.value or b"", *(v for _, v in record.headers))
    )


def cases(kafka, prefix) -> dict[str, tuple[str, str]]:
    """External number of each opened case: its 案号 and person."""
    found = {}
    for record in Tail(kafka.bootstrap, prefix, "cases").all():
        data = json.loads(record.value)
        if "number" in data:
            found[data["submission"]["external_no"]] = data["number"], data["submission"]["person"]
    return found


def audited(kafka, prefix, model) -> list:
    raws = Tail(kafka.bootstrap, prefix, "audit").all()
    events = [decode(Record("audit", 0, 0, None, r.key, r.value, tuple(r.headers))) for r in raws]
    return [event.data for event in events if isinstance(event.data, model)]


def pages(port: int, cases: set[str]) -> dict[str, bytes]:
    """What the desk shows to somebody who sees all: lists, and every case once the read model has it."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as desk:
        until(lambda: "值班长" in desk.get("/login").text, "the desk")
        offered = re.findall(
            r'name="account" value="([^"]+)"[^/]*?<button[^>]*>([^<]+)', desk.get("/login").text
        )
        desk.post(
            "/login", data={"account": next(one for one, name in offered if "值班长" in name)}
        )
        paths = [
            "/board",
            "/inbox",
            "/quarantine",
            "/cases",
            *(f"/cases/{one}" for one in sorted(cases)),
        ]
        until(
            lambda: all(desk.get(path).status_code == 200 for path in paths),
            "every case on its page",
        )
        shown = {path: desk.get(path).content for path in paths}
        desk.post("/login", data={"account": "platform-admin"})
        until(lambda: len(entries(desk)) == BROKEN, "every buried record on its page")
        return shown | {path: desk.get(path).content for path in entries(desk)}


def entries(desk: httpx.Client) -> set[str]:
    return set(re.findall(r'href="(/quarantine/[^"]+)"', desk.get("/quarantine").text))


def test_no_byte_after_inbound_names_a_claimant(anxin, kafka, prefix, service, tmp_path):
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    found = list(records(COUNT, 3, now))
    people = [one for one, *_ in found]
    ports = {}
    http = free_port()
    shown = {"ANXIN_DEMO": "true", "ANXIN_HTTP_PORT": str(http)}
    for name in ("intake", "router", "escalation", "desk", "notifier"):
        ports[name] = free_port()
        more = shown if name == "desk" else {}
        service(
            f"services.{name}", ANXIN_PROBE_PORT=str(ports[name]), ANXIN_LOG_LEVEL="debug", **more
        )
    deliver(kafka, prefix, found, now)
    good = COUNT - BROKEN
    opened, buried = (Tail(kafka.bootstrap, prefix, name) for name in ("cases", "quarantine"))
    until(lambda: len({one.key for one in opened.read()}) == good, f"{good} cases")
    until(lambda: len(buried.read()) == BROKEN, "the broken ones")
    routed = Tail(kafka.bootstrap, prefix, "routings")
    until(lambda: len({one.key for one in routed.read()}) == good, "all routed")
    told = Tail(kafka.bootstrap, prefix, "escalations")
    until(lambda: len({one.key for one in told.read()}) == good, "all assigned")

    said = {name: everything(kafka, prefix, name) for name in BY_NAME.keys() - AS_THEY_CAME}
    assert {name for name, data in said.items() if data} >= {
        "submissions", "cases", "routings", "escalations", "intake-receive-changelog",
        "intake-recognise-changelog", "router-route-changelog", "escalation-advance-changelog",
    }  # fmt: skip
    for name, port in ports.items():
        for page in ("metrics", "readyz", "livez"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}") as answer:
                said[f"{name}/{page}"] = answer.read()
    said |= pages(http, {(one.key or b"").decode() for one in opened.records})
    said |= {str(log): log.read_bytes() for log in tmp_path.glob("*.log")}
    said |= {
        str(file): file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file()
    }
    number = next(iter(cases(kafka, prefix).values()))[0]
    for words in (("case", "show", number), ("quarantine", "list")):
        said[" ".join(words)] = json.dumps(anxin(*words)[1], ensure_ascii=False).encode()
    assert {name: hits for name, data in said.items() if (hits := found_in(data, people))} == {}

    # the same search finds every one of them where records lie as they came (docs/adr/0019)
    before = b"".join(everything(kafka, prefix, name) for name in INBOUND)
    assert {one.name for one in people} <= found_in(before, people)
    originals = found_in(everything(kafka, prefix, "quarantine"), people)
    assert len(originals & {one.name for one in people}) == BROKEN


def test_a_quarantined_original_is_seen_only_for_a_reason_that_is_kept(
    anxin, kafka, prefix, service
):
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    [(one, _, name, raw)] = [r for r in records(20, 9, now) if r[1] == "12345"][:1]
    service("services.intake")
    topic, key, value, headers = inbound(
        "12345", name, json.dumps(raw, ensure_ascii=False).encode("gb18030"), now
    )
    send(kafka.bootstrap, prefix + topic, [(key, value, headers)])
    until(lambda: anxin("quarantine", "list")[1]["records"], "the record in quarantine")
    position = anxin("quarantine", "list")[1]["records"][0]["position"]
    code, shown = anxin("quarantine", "show", position)
    assert code == 0
    assert "value" not in shown
    assert shown["bytes"] == len(value)
    for who in (("--by", "centre-head"), ("--by", "nobody", "--reason", "修复来件"),
                ("--by", "g-420704001-G01-a", "--reason", "修复来件"),
                ("--by", "centre-head", "--reason", f"给{one.phone}回电")):  # fmt: skip
        code, words = anxin("quarantine", "show", position, *who)
        assert code == 1
        assert re.search("[一-鿿]", words)
    assert audited(kafka, prefix, PersonalDataRevealed) == []
    code, shown = anxin("quarantine", "show", position, *BY)
    assert bytes.fromhex(shown["value"]) == value
    [kept] = audited(kafka, prefix, PersonalDataRevealed)
    assert (kept.position, kept.account, kept.post) == (position, "centre-head", "centre_head")


@pytest.fixture
def three(kafka, prefix, service):
    """Three people at the window, each with a case that somebody holds: the records sent, and the workers."""
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    found = [r for r in records(40, 4, now) if r[1] == "window"][:3]
    workers = {part: service(f"services.{part}") for part in ("intake", "router", "escalation")}
    for _, channel, name, raw in found:
        topic, key, value, headers = inbound(channel, name, raw, now)
        send(kafka.bootstrap, prefix + topic, [(key, value, headers)])
    told = Tail(kafka.bootstrap, prefix, "escalations")
    until(lambda: len({record.key for record in told.read()}) == 3, "all assigned")
    return found, workers, now


def seen(anxin, number: str, *more: str) -> list[dict]:
    code, said = anxin("case", "reveal", number, *BY, *more)
    assert code == 0
    return said["submissions"]


def test_a_case_is_revealed_to_whom_it_concerns_and_rewrapped(
    anxin, kafka, prefix, three, tmp_path
):
    [(one, _, name, _), *_], workers, _ = three
    number, _ = cases(kafka, prefix)[name]
    [shown] = seen(anxin, number)
    assert (shown["name"], shown["phone"]) == (one.name, one.phone)
    assert "text" not in shown
    assert one.words in seen(anxin, number, "--field", "text")[0]["text"]
    code, words = anxin(
        "case", "reveal", number, "--by", "squad-420704200", "--reason", "想看看情况"
    )
    assert code == 1
    assert "不在账号" in words
    kept = audited(kafka, prefix, PersonalDataRevealed)
    assert sorted(data.fields for data in kept) == [("name", "phone"), ("text",)]

    code, said = anxin("vault", "rotate", "--by", "ops", "--reason", "年度换钥")
    assert (code, said["rewrapped"]) == (0, 3)
    [turned] = audited(kafka, prefix, VaultKeyRotated)
    assert (turned.new, turned.rewrapped) == (said["new"], 3)
    counts = {"current": 3, "old": 0, "unreadable": 0, "erased": 0, "keys": [said["new"]]}
    assert anxin("vault", "status") == (0, counts)
    assert seen(anxin, number)[0]["name"] == one.name
    assert not (tmp_path / "home" / "vault" / "vault.old.key").exists()

    # a worker that still has the old key stops rather than lose a record, and goes on with the new one
    again = inbound("window", name, three[0][0][3] | {"people": 2}, three[2], "again")
    send(kafka.bootstrap, prefix + again[0], [again[1:]])
    until(lambda: workers["intake"].process.poll() is not None, "intake to stop")
    assert workers["intake"].process.returncode == 70
    workers["intake"].start()
    sent = Tail(kafka.bootstrap, prefix, "submissions")
    until(lambda: b'"revision":1' in b"".join(r.value for r in sent.read()), "the amendment")
    assert Tail(kafka.bootstrap, prefix, "quarantine").all() == []


def test_a_person_is_erased_with_a_certificate_and_not_brought_back(
    anxin, kafka, prefix, three, tmp_path
):
    [(one, channel, name, raw), second, _], _, now = three
    number, _ = cases(kafka, prefix)[name]
    code, words = anxin("vault", "shred", number, *BY)
    assert code == 1
    assert "尚未办结" in words
    assert anxin("vault", "shred", "person", *BY, "--open-too", typed="13900000000\n")[0] == 1
    code, proof = anxin("vault", "shred", "person", *BY, "--open-too", typed=f"{one.phone}\n")
    assert code == 0
    assert [(key["channel"], key["external_no"]) for key in proof["keys"]] == [(channel, name)]
    code, again = anxin("vault", "shred", f"{channel}/{name}", *BY, "--open-too")
    assert again == proof  # told again, not erased again
    [certified] = {data.certificate: data for data in audited(kafka, prefix, PersonErased)}.values()
    assert certified.certificate == digest(certified) == proof["certificate"]
    assert seen(anxin, number) == [{"channel": channel, "external_no": name, "state": "erased"}]
    other, _ = cases(kafka, prefix)[second[2]]
    assert seen(anxin, other)[0]["name"] == second[0].name

    # the source sends the erased record again, changed
    topic, key, value, headers = inbound(channel, name, raw | {"people": 2}, now, "again")
    send(kafka.bootstrap, prefix + topic, [(key, value, headers)])
    amended = Tail(kafka.bootstrap, prefix, "submissions")
    until(lambda: b'"revision":1' in b"".join(r.value for r in amended.read()), "the amendment")
    told = [json.loads(r.value) for r in amended.all() if b'"revision":1' in r.value]
    assert [data for data in told if "claimant" in data["submission"]] == []
    vault, _ = open_vault(Settings(home=tmp_path / "home"))
    assert vault.census().erased == 1
