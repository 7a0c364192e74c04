"""`anxin vault rotate|status`: what wraps the keys of personal data. `vault shred` stands in shred.py."""

from dataclasses import asdict
from typing import Annotated

import typer

from schemas.audit import VaultKeyRotated
from services.cli.output import as_json, fail
from services.runtime import audit, vault_secrets
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.settings import Settings, load_settings
from services.runtime.vault import KeyUnknown, Vault, open_vault

app = typer.Typer(no_args_is_help=True, help="Keys of personal data")
EXIT_NOT_NOW = 70
By = Annotated[str, typer.Option("--by", help="account that asks for it")]
Reason = Annotated[str, typer.Option("--reason", help="事由, without names and numbers")]
AsJson = Annotated[bool, typer.Option("--json")]


@app.command()
def status(json: AsJson = False) -> None:
    """How many data keys which key-encryption key wraps. Exit 1 where one is unreadable."""
    vault = _vault(load_settings())
    said = asdict(vault.census()) | {"keys": list(vault.key_ids)}
    as_json(said) if json else typer.echo(", ".join(f"{k}: {v}" for k, v in said.items()))
    raise typer.Exit(1 if said["unreadable"] else 0)


@app.command()
def rotate(by: By, reason: Reason, json: AsJson = False) -> None:
    """Wrap every data key by the current key-encryption key; afterwards the old one is needed no more.

    Given keys: first restart intake with the new one as ANXIN_VAULT_KEY and the old one as ANXIN_VAULT_KEY_OLD.
    A local key is made here; restart intake afterwards.
    """
    quiet_kafka()
    settings = load_settings()
    local = not settings.vault_key.get_secret_value()
    try:
        audit.check_reason(reason)
        _vault(settings).close()
        if local:
            vault_secrets.renew_local(settings)
        vault = _vault(settings)
        current, *old = vault.key_ids
        if not old:
            raise fail("没有旧钥：请把旧钥设为 ANXIN_VAULT_KEY_OLD，新钥设为 ANXIN_VAULT_KEY", 2)
        count = vault.rotate()
        fact = VaultKeyRotated(
            district=settings.district,
            account=by,
            reason_zh=reason,
            old=tuple(old),
            new=current,
            rewrapped=count,
        )
        audit.record(settings, fact, current, clock_of(settings.clock).now())
    except (audit.NotAllowed, KeyUnknown, ValueError) as error:
        raise fail(str(error)) from None
    except NotNow as error:
        raise fail(f"{error}\nrun the same command again", EXIT_NOT_NOW) from None
    if local:
        vault_secrets.retire_local(settings)
    said = {"rewrapped": count, "new": current, "old": old, "unreadable": 0}
    as_json(said) if json else typer.echo(
        f"已改用钥 {current} 包裹 {count} 个数据密钥；旧钥 {'、'.join(old)} 可以停用"
        + ("，请重启 intake" if local else "，请去掉 ANXIN_VAULT_KEY_OLD 并重启 intake")
    )


def _vault(settings: Settings) -> Vault:
    return open_vault(settings)[0]
