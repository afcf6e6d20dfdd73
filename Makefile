# Broadsheet from a bare machine: Python 3.11 or later, gcc, g++ and make are enough.
PYTHON ?= python3
BIN := .venv/bin
# Tests run in so many processes at once, each with a PostgreSQL and a browser of its own.
JOBS ?= 2
# In how many ways payloads are broken for each parser.
CASES ?= 10000
# How many changes the native index is stressed with, and which.
STEPS ?= 400
SEED ?= 1
# Locks carry no address of a registry: pip's own configuration says where packages come from.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup run test unit fuzz check lint types imports sanitize format shots lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed ## make .venv with broadsheet in it

run: setup ## create the library if needed, start web server and worker (PORT=, BROADSHEET_HOME=)
	@exec $(BIN)/broadsheet run

test: .venv/.installed-dev ## run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

unit: .venv/.installed-dev ## run the quick tests that need no database, no browser and no collection
	$(BIN)/python -m pytest -m "not slow and not payload" tests/papers tests/sources tests/search tests/ranking tests/evaluation

fuzz: .venv/.installed-dev ## break payloads for every parser of sources in CASES ways each
	FUZZ_CASES=$(CASES) $(BIN)/python -m pytest -n $(JOBS) --dist load tests/sources/test_fuzz.py tests/sources/test_resourcesync_fuzz.py

check: lint types imports test sanitize ## what CI runs

lint: .venv/.installed-dev ## style
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests

types: .venv/.installed-dev ## types
	$(BIN)/mypy

imports: .venv/.installed-dev ## who may import whom
	$(BIN)/lint-imports

SANITIZERS := thread address,undefined
sanitize: .venv/.installed-dev ## run the native index under ThreadSanitizer, AddressSanitizer and UBSan (STEPS=, SEED=)
	@mkdir -p build; for sanitizer in $(SANITIZERS); do \
	  echo "$$sanitizer"; \
	  $(BIN)/cmake -G "Unix Makefiles" -S native -B build/sanitize-$$sanitizer -DSANITIZE=$$sanitizer > build/sanitize.log && \
	  $(BIN)/cmake --build build/sanitize-$$sanitizer --parallel $(JOBS) > build/sanitize.log && \
	  build/sanitize-$$sanitizer/stress $(STEPS) $(SEED) || exit 1; \
	done

format: .venv/.installed-dev ## put the sources in shape
	$(BIN)/ruff format src tests
	$(BIN)/ruff check --fix src tests

shots: .venv/.installed-dev ## pictures of every page: light, dark, phone
	$(BIN)/python tests/journeys/shots.py

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links pyproject.toml --extra models --extra postgres --extra mcp --extra pdf --extra build
lock: .venv/.installed-dev ## choose the newest versions of everything and pin them
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --extra dev -o requirements-dev.lock

# Clients of other versions than the one in .venv, each in a folder of its own; their locks are kept by hand.
CLIENTS := $(patsubst tests/clients/%.lock,build/clients/%/.installed,$(wildcard tests/clients/*.lock))
build/clients/%/.installed: tests/clients/%.lock .venv/bin/python
	@rm -rf $(@D)
	$(INSTALL) --target $(@D) -r $<
	@touch $@

# The one client that is no Python program; where npm cannot bring it, its tests are skipped. No package of it runs a script.
ifneq ($(shell command -v npm),)
CLIENTS += build/clients/inspector/.installed
endif
build/clients/inspector/.installed: $(wildcard tests/clients/inspector/* tests/clients/inspector/.npmrc)
	@rm -rf $(@D) && mkdir -p $(@D) && cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel error || echo "The inspector of MCP was not brought: its tests are skipped"
	@touch $@

clean: ## remove what was made; libraries stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python requirements.lock pyproject.toml $(wildcard native/*)
	$(INSTALL) -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock $(CLIENTS)
	$(INSTALL) -r requirements-dev.lock
	@touch $@
