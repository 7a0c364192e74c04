"""What docker-compose.yml says, and how to run it as processes: the same environment, commands and health checks."""

import os
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("intake", "router", "escalation", "desk", "notifier")
PORT = "8080"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n"
CONTENT = {"channel_keys": f"12345 {KEY}", "robots": "# none yet\n", "logins": "", "login_ids": ""}
"""Of secrets that are no bare key."""


def environment(name: str, folder: Path, **more: str) -> dict[str, str]:
    """A service's own block, with the container's paths moved below `folder` and nothing else changed."""
    (folder / "secrets").mkdir(parents=True, exist_ok=True)
    block = dict(SERVICES[name]["environment"])
    for secret in SERVICES[name].get("secrets", ()):
        (folder / "secrets" / secret).write_text(CONTENT.get(secret, KEY))
    moved = {
        "/run/secrets": str(folder / "secrets"),
        "/var/lib/anxin": str(folder),
        "/run/anxin": str(folder / "home"),
        "/app": str(ROOT),
    }
    (folder / "vault").mkdir(exist_ok=True)
    for key, value in block.items():
        for there, here in moved.items():
            block[key] = block[key].replace(there, here) if there in value else block[key]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ANXIN_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return clean | block | {"PATH": path, "HOSTNAME": f"{name}-1"} | more


def command(name: str) -> list[str]:
    """Compose writes a dollar as two."""
    return [part.replace("$$", "$") for part in SERVICES[name]["command"]]


def health(name: str, port: int) -> list[str]:
    kind, *words = SERVICES[name]["healthcheck"]["test"]
    if kind != "CMD":
        raise ValueError(f"{name}: {kind}")
    return [word.replace(f":{PORT}/", f":{port}/") for word in words]
