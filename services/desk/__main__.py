"""Runs the desk until it is told to stop."""

from services.desk.serve import run
from services.runtime.settings import load_settings

if __name__ == "__main__":
    run(load_settings())
