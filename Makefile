# make alone lists the targets. Every target makes the environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STRICT := .earshot/strict-engine
PYTHON313 ?= python3.13
ROOMS  := scraper downloader analyser

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow strict-engine check format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/.ready: pyproject.toml tests/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "earshot needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --requirement tests/requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

demo: $(BIN)/.ready ## The whole chain on local emulators: a page goes in, rows come out (PAGE=https://… for yours)
	$(BIN)/earshot demo $(if $(PAGE),--page $(PAGE))

test: $(BIN)/.ready ## All tests but the slow ones, on real local servers
	$(BIN)/python -m pytest -m "not slow and not strict_engine"

test-slow: $(BIN)/.ready ## The tests that take minutes
	$(BIN)/python -m pytest -m slow

strict-engine: $(BIN)/.ready ## Tests on the second, stricter BigQuery engine (needs a Python 3.13: PYTHON313=…)
	test -x $(STRICT)/.ready || { $(PYTHON313) -m venv $(STRICT) \
	  && $(STRICT)/bin/python -m pip install --quiet local-bigquery==0.3.2 duckdb==1.5.5 duckdb-extensions==1.5.5 \
	    duckdb-extension-ducklake==1.5.5 duckdb-extension-icu==1.5.5 duckdb-extension-spatial==1.5.5 \
	  && $(STRICT)/bin/python -c "from duckdb_extensions import import_extension as add; add('ducklake'); add('icu'); add('spatial')" \
	  && install -m 755 /dev/null $(STRICT)/.ready; }
	EARSHOT_STRICT_ENGINE=$(STRICT)/bin/local-bigquery $(BIN)/python -m pytest -m strict_engine

check: $(BIN)/.ready ## Format, lint, types, floors
	$(BIN)/ruff format --check functions tests
	$(BIN)/ruff check functions tests
	$(BIN)/mypy
	@for room in $(ROOMS); do echo "mypy functions/$$room/main.py"; $(BIN)/mypy functions/$$room/main.py || exit 1; done
	$(BIN)/lint-imports

format: $(BIN)/.ready ## Format the code and sort its imports
	$(BIN)/ruff check --fix functions tests
	$(BIN)/ruff format functions tests

lock: $(BIN)/.ready ## Write the rooms' locked, hashed requirements from pyproject.toml
	@for room in $(ROOMS); do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate --extra $$room pyproject.toml --output-file functions/$$room/requirements.txt; \
	done
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --no-annotate --all-extras pyproject.toml --output-file tests/requirements.txt

clean: ## Remove the environment and the local state
	rm -rf $(VENV) .earshot
