# One command each. Variables: PORT HOST DEMO ITAG_HOME DATABASE_URL REDIS_URL (run), ARGS BROWSER CHROMIUM (test),
# ONLY (bench), PYTHON (setup). See docs/configuration.md.

.PHONY: help run setup test lint format check gates schema wheel bench lock clean
.DEFAULT_GOAL := help

PY := .venv/bin/python
CODE := itag accounts datasets templates_app jobs exports tests bench manage.py hatch_build.py requirements
OFFLINE := ITAG_OFFLINE=1 SECRET_KEY=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKL

help:
	@echo "make run     start itag (PORT=… HOST=… DEMO=0 ITAG_HOME=…)"
	@echo "make test    run the tests (ARGS='-k …', BROWSER=0 without a browser)"
	@echo "make lint    style, types, import directions"
	@echo "make check   everything that CI runs"
	@echo "make bench   figures of speed, one JSON line each (ONLY=name)"
	@echo "make setup   only make the environment and build the front end"
	@echo "make format  put the code into its format"
	@echo "make schema  write docs/openapi.yaml"
	@echo "make lock    write requirements/*.txt from pyproject.toml (UPGRADE=1: newest versions)"
	@echo "make clean   remove what was built (not var/)"

setup:
	@sh requirements/setup.sh build

run: setup
	@exec .venv/bin/itag up --with-parent

# Everything that `make test` and the gates need.
.PHONY: dev
dev:
	@sh requirements/setup.sh dev

# One order for everybody: what fails in CI fails here. Another one: ARGS=--randomly-seed=7.
PYTEST = $(PY) -m pytest -n 2 --randomly-seed=20261124 $(ARGS)

test: dev
	@if [ "$$BROWSER" = 0 ]; then exec $(PYTEST); fi; \
	found=$$(sh requirements/chromium.sh) && CHROMIUM="$$found" exec $(PYTEST)

lint: dev
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(OFFLINE) .venv/bin/mypy
	$(OFFLINE) .venv/bin/lint-imports
	.venv/bin/djlint --quiet --lint itag accounts datasets templates_app jobs exports
	$(PY) requirements/npm.py check lint test

format: dev
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)
	$(PY) requirements/npm.py format

# Migrations, schema and settings agree with the code.
gates: dev
	$(OFFLINE) $(PY) -W ignore manage.py makemigrations --check --dry-run
	$(OFFLINE) $(PY) manage.py spectacular --fail-on-warn --file .venv/openapi.yaml
	@cmp -s .venv/openapi.yaml docs/openapi.yaml || { diff -u docs/openapi.yaml .venv/openapi.yaml | head -60; \
		echo "itag: docs/openapi.yaml is not what the code says: make schema"; exit 1; }
	$(OFFLINE) SITE_URL=https://itag.example $(PY) manage.py check --deploy --fail-level WARNING

schema: dev
	$(OFFLINE) $(PY) manage.py spectacular --fail-on-warn --file docs/openapi.yaml

wheel: dev
	$(PY) requirements/wheel_gate.py

check: lint gates test wheel

bench: dev
	@ONLY='$(ONLY)' exec $(PY) -m bench

lock: dev
	sh requirements/lock.sh

clean:
	rm -rf .venv dist build static/dist static/node_modules .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find itag -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
