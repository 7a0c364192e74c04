.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	command -v npm >/dev/null && npm ci --prefix tests/contract/node --silent --no-audit --no-fund || echo "no npm: the AsyncAPI document is not checked"
	touch $(STAMP)

setup: $(STAMP)  ## the environment in .venv, from hashed requirements

demo: setup  ## replay a year of complaints on a real Kafka, then its report; KEEP=1 leaves a living board
	$(BIN)/anxin demo $(if $(KEEP),--keep)

up: setup  ## a local Kafka, its topics and every service, in the background
	$(BIN)/anxin up --detach

down: setup  ## stop what `make up` started
	$(BIN)/anxin down

test: setup  ## all tiers; what is skipped is said
	$(BIN)/python -m pytest -rs -n 2 --dist loadgroup

simulation: setup  ## ten thousand seeded worlds and what breaks them; WORLDS=n for another number
	SIMULATION_WORLDS=$(or $(WORLDS),10000) $(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/simulation

bench: setup  ## what the spine can do here, peers in the same run, into bench/README.md (about 20 minutes)
	$(BIN)/python -m bench --write

check: setup  ## style, types, import contracts, generated files, policy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/anxin generate --check
	$(BIN)/anxin check policy

lock:  ## hashed requirements from pyproject.toml (needs uv): all of it, and the product image's part
	uv pip compile --quiet pyproject.toml --all-extras --universal \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt
	uv pip compile --quiet pyproject.toml --universal --constraint requirements.txt \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o deploy/requirements.txt

.PHONY: help setup demo up down test simulation bench check lock
