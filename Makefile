# Two commands matter: `make run` serves the main job with demonstration data, `make test` proves it. `make help` lists the rest.
PORT ?= 8000
WORKERS ?= 20
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
WALKS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help setup run run-records demo test test-sqlite test-postgresql mutations walks check format lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## / — /' | sort

$(VENV)/runtime.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development.stamp: requirements-dev.txt $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/development.stamp ## install what running and testing need into .venv

run: $(VENV)/runtime.stamp ## serve the main job with demonstration data on SQLite [PORT=8000]
	@$(BIN)/flask demonstration serve --port $(PORT) --data var/demonstration --story

run-records: $(VENV)/runtime.stamp ## serve the records floor alone: the evidence log under /log/ [PORT=8000]
	@$(BIN)/flask --app 'app:create_records_app' records serve --port $(PORT)

demo: $(VENV)/development.stamp ## drive the whole job over HTTP against a fresh server [WORKERS=20] [JSON=file]
	@$(BIN)/python -m demo --workers $(WORKERS) $(if $(JSON),--json $(JSON))

check: $(VENV)/development.stamp ## lint, format, types and the contracts of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: test-sqlite test-postgresql ## the whole suite on SQLite and on PostgreSQL (brought up and down by itself)

test-sqlite: $(VENV)/development.stamp ## the suite on SQLite
	$(BIN)/pytest -q -n $(JOBS) --database sqlite

test-postgresql: $(VENV)/development.stamp ## the suite on PostgreSQL
	$(BIN)/pytest -q -n $(JOBS) --database postgresql

mutations: $(VENV)/development.stamp ## ten times the changes and lives that the suite holds against verify.py
	MUTATIONS=100000 LIVES=200 $(BIN)/pytest -q --timeout 7200 tests/learning_records/verify/test_mutations.py tests/learning_records/verify/test_any_life.py

walks: $(VENV)/development.stamp ## thousands of random walks over the whole subsidy, the books held after every step [WALKS=2000]
	WALKS=$(WALKS) $(BIN)/pytest -q --timeout 86400 --database sqlite tests/walks

format: $(VENV)/development.stamp ## let ruff put imports and lines in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/development.stamp ## pin and hash requirements*.in for Python 3.11 and later
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## forget the virtual environment and everything made at set-up
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
