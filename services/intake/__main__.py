"""Runs intake until it is told to stop."""

from services.intake.app import NAME, stages
from services.intake.settings import load_policy
from services.runtime.settings import load_settings
from services.runtime.vault import open_vault
from services.runtime.worker import run

if __name__ == "__main__":
    settings = load_settings()
    vault, secret = open_vault(settings)
    policy = load_policy(settings, secret)
    run(NAME, lambda registry: stages(policy, vault.keys, registry), settings)
