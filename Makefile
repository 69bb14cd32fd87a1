# make demo: try Palier. make test: run every test. Nothing outside this folder is touched, but for a Chromium that
# `make test` installs with apt-get where it is root and finds none, and an nginx likewise.

PYTHON ?= python3
PORT ?= 8000
# nproc would obey OMP_NUM_THREADS, which says nothing of how many tests can run.
WORKERS ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)
VENV := .venv
BIN := $(VENV)/bin
export PIP_CACHE_DIR := $(CURDIR)/var/cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# numpy's own threads only get in each other's way here, on arrays this small.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: demo test check format lint types layers unit browser audit bench bench-audit bench-console bench-consoles \
	bench-peers faults load quality lock chromium nginx

demo: $(VENV)/.run
	$(BIN)/palier demo --port $(PORT) $(if $(FRESH),--fresh)

test: $(VENV)/.test chromium nginx
	$(BIN)/pytest -n $(WORKERS)

check: $(VENV)/.test lint types layers unit

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/palier bank check

types: $(VENV)/.test
	$(BIN)/mypy

layers: $(VENV)/.test
	$(BIN)/lint-imports

unit: $(VENV)/.test
	$(BIN)/pytest -m "not browser and not slow" -n $(WORKERS)

browser: $(VENV)/.test chromium nginx
	$(BIN)/pytest -m browser

# Known vulnerabilities in the lock files; where no advisory service can be reached, it says so.
audit: $(VENV)/.test
	$(BIN)/python -m tests.audit

bench: $(VENV)/.test
	$(BIN)/pytest tests/bench --benchmark-only --benchmark-columns=median,iqr,rounds -o addopts="--import-mode=importlib"

# From an event to the proctor's screen, and what an unchanged console costs; two minutes.
bench-console: $(VENV)/.test
	$(BIN)/python -m tests.bench.console_delay

# Ten thousand finished sittings through `palier audit verify`; SITTINGS=n and POSTGRES=1 make it another run.
bench-audit: $(VENV)/.test
	$(BIN)/python -m tests.bench.audit $(if $(SITTINGS),--sittings $(SITTINGS)) $(if $(POSTGRES),--postgres)

# Candidates take tests while everything breaks; then every answer is counted. As root, so that a disk can be full.
faults: $(VENV)/.test
	$(BIN)/python -m tests.faults $(FAULTS)

# What one machine carries, on both databases, beside the ceiling of what it stands on; five minutes. JSON=FILE keeps the figures.
load: $(VENV)/.test
	$(BIN)/python -m tests.load $(if $(JSON),--json $(JSON))

# What 2 000 open consoles cost, and what answers notice of them, on PostgreSQL with `palier news`; three minutes.
bench-consoles: $(VENV)/.test
	$(BIN)/python -m tests.bench.consoles $(CONSOLES)

# How well selectors and rules classify, on fresh banks; half a minute.
quality: $(VENV)/.test
	$(BIN)/python -m tests.bench.quality

# Rivals, installed apart in var/peers, one thread each; see tests/bench/peers. JSON=FILE keeps the figures.
PEERS := mirt==1.2.0 catsim==0.21.0 girth==0.8.0
# The stamp is named after the list, so that another list is installed anew.
PEERS_STAMP := var/peers/.installed-$(subst ==,-,$(subst $() ,+,$(PEERS)))

bench-peers: $(VENV)/.test $(PEERS_STAMP)
	$(BIN)/python -m tests.bench.peers var/peers/bin/python $(if $(JSON),--json $(JSON))

# What cannot be installed is named and left out; the next run tries again.
$(PEERS_STAMP):
	$(PYTHON) -m venv --clear var/peers
	@all=yes; for peer in $(PEERS); do \
	  var/peers/bin/python -m pip install -q $$peer || { all=no; echo "$$peer could not be installed: going on without it."; }; \
	done; [ $$all = no ] || touch $@

chromium: $(VENV)/.test
	$(BIN)/python -m tests.browser.chromium

nginx: $(VENV)/.test
	$(BIN)/python -m tests.nodes.nginx

COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

# For maintainers, with uv on the PATH: the lock holds hashes and no address.
lock:
	$(COMPILE) \
	  --extra build pyproject.toml -o requirements.lock
	$(COMPILE) \
	  --extra build --extra test --constraints requirements.lock pyproject.toml -o requirements-test.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Palier needs Python 3.11 or newer: try make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.run
	$(BIN)/python -m pip install -q --require-hashes -r requirements-test.lock
	@touch $@
