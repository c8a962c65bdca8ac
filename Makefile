# Two commands for a newcomer: `make demo` and `make test`. Each does all the set-up it needs.
.PHONY: demo test check setup bench test-long faults fuzz lock messages pictures bundle audit clean
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BIN := .venv/bin
STATIC := src/lintas/web/static/.vite/manifest.json
ASSETS := $(shell find src/lintas/web/assets -type f -not -path '*/node_modules/*' 2>/dev/null)
PORT ?= 8000
NODE_DIR ?= node

demo: .venv/.run $(STATIC)
	$(BIN)/lintas --node $(NODE_DIR) demo --port $(PORT)

test: .venv/.dev $(STATIC) check
	scripts/setup.sh browser
	$(BIN)/pytest -n 3 --dist loadgroup  # a third of the time they wait for disks and browsers

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

setup: .venv/.dev $(STATIC)

test-long: .venv/.dev $(STATIC)
	$(BIN)/pytest -m long --override-ini addopts="-q --strict-markers"

# kill -9 in the middle of everything, so many times; a part of `make test-long`. FAULTS_SEED=n for other moments.
FAULTS ?= 500
faults: .venv/.dev
	FAULTS=$(FAULTS) $(BIN)/pytest tests/faults -m long

# Every parser under a coverage-guided fuzzer; see docs/fuzz.md.
FUZZ_SECONDS ?= 30
fuzz: .venv/.dev
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --write docs/fuzz.md

bench: .venv/.dev $(STATIC)
	$(BIN)/python -m bench

.venv/.run: requirements.lock pyproject.toml
	scripts/setup.sh python requirements.lock
	touch $@

.venv/.dev: requirements-dev.lock pyproject.toml
	scripts/setup.sh python requirements-dev.lock
	touch $@ .venv/.run

$(STATIC): $(ASSETS) | .venv/.run
	scripts/setup.sh assets
	touch $@

# Versions and hashes of everything that is installed; no address of any registry.
lock:
	scripts/setup.sh lock

# Strings for translators; what is new in a language is empty and makes a test fail until it is translated.
LOCALE := src/lintas/web/locale
messages: .venv/.dev
	$(BIN)/pybabel -q extract --project Lintas --no-location --sort-output -k Feature:2 \
		-F $(LOCALE)/babel.cfg -o $(LOCALE)/lintas.pot src/lintas
	sed -i '/^"POT-Creation-Date:/d' $(LOCALE)/lintas.pot  # else it changes when nothing did
	$(BIN)/pybabel -q update -D lintas -i $(LOCALE)/lintas.pot -d $(LOCALE) -w 120 \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/python -m tests.web.ontology
	$(BIN)/python -m tests.web.rooms

pictures: .venv/.dev $(STATIC)
	$(BIN)/python -m tests.web.pictures

# One archive from which a machine without any network installs and tests; see docs/operations.md.
bundle: .venv/.dev $(STATIC)
	$(BIN)/python -m scripts.bundle

# Exit status 1: an advisory is open; 3: not everything could be asked about.
audit: .venv/.dev
	scripts/setup.sh audit

clean:
	rm -rf .venv src/lintas/web/static src/lintas/web/assets/node_modules
