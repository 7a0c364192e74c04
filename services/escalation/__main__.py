"""Runs escalation until it is told to stop."""

from services.escalation.app import NAME, stages
from services.escalation.settings import load_policy
from services.runtime.settings import load_settings
from services.runtime.worker import run

if __name__ == "__main__":
    settings = load_settings()
    policy = load_policy(settings)
    run(NAME, lambda registry: stages(policy, registry), settings)
