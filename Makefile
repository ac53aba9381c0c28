# Antesis. `make help` lists what there is; `make run` needs Python 3.11 to 3.13 and nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is recent enough: python3 may be an old one, and a shim may stand for a version that is absent.
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3 python; do \
	if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then echo $$p; exit; fi; done; echo python3)
PY := .venv/bin/python
BOOTSTRAP := $(PYTHON) -m config.bootstrap

export DEMO PORT

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

.PHONY: run
run: ## set everything up and serve at http://127.0.0.1:8000 (PORT=8001 for another port)
	@$(BOOTSTRAP) --front-end
	@exec $(PY) -m config.launch

.PHONY: demo
demo: ## the same, with a project of generated photos and an account per role
	@$(MAKE) --no-print-directory run DEMO=1

.PHONY: install
install: ## what tests and checks need, and the built pages
	@$(BOOTSTRAP) --development --front-end

.PHONY: frontend
frontend: ## build the pages
	@$(BOOTSTRAP) --front-end

.PHONY: test
test: install ## every test: unit, integration, faults, browser, front end
	@$(PY) -m config.checks test

.PHONY: check
check: install ## formats, lints, layers, types, settings, migrations, generated files
	@$(PY) -m config.checks check

.PHONY: api
api: install ## write schema.yaml and the front end's types from the code
	@$(PY) -m config.checks api

.PHONY: format
format: install ## format and sort what can be
	@.venv/bin/ruff check --quiet --fix-only . && .venv/bin/ruff format .

.PHONY: bench
bench: install ## every benchmark, in its quick form (FULL=1 for the full one)
	@$(PY) -m config.checks bench $(if $(FULL),,--quick)

.PHONY: clean
clean: ## remove what was installed and built (not var/, which holds your data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles frontend/node_modules frontend/dist
