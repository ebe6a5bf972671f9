# What can be done here; each line says what for. `make demo` and `make test` need nothing but
# Python 3.11+ and make.
VENV ?= .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip --disable-pip-version-check --quiet
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
REQUIRE ?=
PURE = alerts/batch.py,alerts/coverage.py,alerts/detect.py,alerts/findings.py,alerts/limit.py,alerts/rules.py,alerts/runs.py,alerts/silence.py,alerts/state.py,alerts/track.py,alerts/verdict_columns.py,alerts/windows.py,custody/bundle.py,custody/bundle_hand.py,custody/bundle_members.py,custody/canonical.py,custody/container.py,custody/entry.py,custody/merkle.py,custody/rules.py,custody/state.py,custody/verify.py,custody/verify_*.py,ingest/channels.py,ingest/decode.py,ingest/flat.py,ingest/rows.py,ingest/senml.py
.DEFAULT_GOAL := help

help: ## Print this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup ## Run everything here with simulated shipments; Ctrl-C ends it
	@$(PY) -m unbroken demo $(ARGS)

up: setup ## Run everything here for real loggers
	@$(PY) -m unbroken up $(ARGS)

test: setup-dev ## Run all tests (REQUIRE=pg,timescale,broker,chromium,node: fail where one is missing)
	@$(if $(COVERAGE),$(PY) -m coverage erase,:)
	@$(PY) $(if $(COVERAGE),-m coverage run) -m pytest --require "$(REQUIRE)" $(ARGS)

check: setup-dev ## Lint, types, import contracts, front end
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) hatch_build.py check

coverage: ## Say what `make test COVERAGE=1` reached, and refuse less than was promised
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report
	$(PY) -m coverage report --include="$(PURE)" --fail-under=97

bench: setup-dev ## Measure this machine: unbroken bench detect, ingest and ledger
	@$(PY) -m unbroken bench detect
	@$(PY) -m unbroken bench ingest
	@$(PY) -m unbroken bench ledger

web: setup ## Build the dashboard if its sources changed
	@$(PY) hatch_build.py

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build -o requirements.lock --upgrade
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what setup made; data of demo and up stays
	rm -rf $(VENV) build dist api/web dashboard/node_modules tests/support/timescale/node_modules

setup: $(VENV)/installed
	@$(PY) hatch_build.py

setup-dev: $(VENV)/installed-dev
	@$(PY) hatch_build.py

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Unbroken needs Python 3.11 or newer; none was found on the path." >&2; exit 1; }
	@echo "Setting up in $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help demo up test check coverage bench web lock clean setup setup-dev
