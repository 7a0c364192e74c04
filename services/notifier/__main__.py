"""Runs the notifier until it is told to stop."""

from services.notifier.app import run
from services.runtime.settings import load_settings

if __name__ == "__main__":
    run(load_settings())
