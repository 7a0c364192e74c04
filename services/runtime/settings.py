"""Settings of every service: environment variables with the prefix ANXIN_, frozen, unknown names refused."""

import os
import sys
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ANXIN_"
SECRETS = ("person_secret", "vault_key", "vault_key_old", "channel_keys", "robots", "logins")
EXIT_BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits: a supervisor need not try again


class Settings(BaseSettings):
    """A secret may also come from a file: ANXIN_VAULT_KEY_FILE names it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    kafka: str = "127.0.0.1:9092"
    topic_prefix: str = ""
    home: Path = Path(".anxin")
    policies: Path = Path(__file__).resolve().parents[2] / "policies"
    employers: Path | None = None
    district: str = Field("420704", pattern=r"^\d{6}$")
    clock: str = "real"
    instance: str = "0"
    probe_port: int = Field(0, ge=0, le=65535)
    probe_host: str = "127.0.0.1"
    vault_url: str = ""
    vault_key: SecretStr = SecretStr("")
    vault_key_old: SecretStr = SecretStr("")
    person_secret: SecretStr = SecretStr("")
    log_level: str = "info"
    batch_records_max: int = Field(500, ge=1, le=5000)
    batches_in_flight_max: int = Field(32, ge=1, le=256)
    settle_timeout_s: float = 60.0
    drain_timeout_s: float = 10.0
    commit_interval_s: float = 0.5
    fires_per_turn_max: int = Field(500, ge=1)
    quarantine_per_minute_max: int = Field(600, ge=1)
    stall_s_max: float = 120.0
    http_port: int = Field(8080, ge=0, le=65535)
    http_host: str = "127.0.0.1"
    desk_url: str = ""
    channel_keys: SecretStr = SecretStr("")
    channel_requests_per_minute_max: int = Field(600, ge=1)
    open311: bool = False
    notifier_url: str = ""
    robots: SecretStr = SecretStr("")
    desk_address: str = ""
    logins: SecretStr = SecretStr("")
    login_ids: Path | None = None
    demo: bool = False

    @property
    def employers_file(self) -> Path:
        """The district's register of employers; it need not be there."""
        return self.employers or self.home / "employers.csv"

    @property
    def stepped(self) -> bool:
        return self.clock.startswith("stepped:")


class BadSetting(SystemExit):
    """Ends the process with 78 after one clear line on standard error."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.code = EXIT_BAD_CONFIGURATION
        sys.stderr.write(line + "\n")


def load_settings(**overrides: Any) -> Settings:
    """Raises BadSetting."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    files = {PREFIX + name.upper() + "_FILE" for name in SECRETS}
    unknown = sorted(n for n in os.environ if n.startswith(PREFIX) and n not in known | files)
    if unknown:
        raise BadSetting(f"unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    for name in SECRETS:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path and name not in overrides:
            overrides[name] = _secret(name, Path(path))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = "; ".join(
            f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}"
            for e in error.errors(include_input=False)
        )
        raise BadSetting(f"bad setting: {lines}") from None


def _secret(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{PREFIX}{name.upper()}_FILE: {path}: {error.strerror}") from None
