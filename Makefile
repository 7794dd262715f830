# Kring on one machine. `make run` starts everything, `make test` tests everything.

PYTHON ?= python3
VENV := .venv/bin/python
export PYTHONPATH := $(CURDIR)/platform:$(CURDIR)
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test check bench guard-report fresh digest-now messages lock environment

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: environment  ## Start everything on this machine (PORT=8000)
	@exec $(VENV) -m kring.local.run

test: ARGS ?= --numprocesses auto --dist loadgroup
test: environment  ## Run the tests (ARGS="tests/local -x" for some of them)
	@exec $(VENV) -m pytest $(ARGS)

check: environment  ## Style, settings, migrations and translations
	@$(VENV) -m ruff check --quiet .
	@$(VENV) -m ruff format --check --quiet .
	@$(VENV) -m djlint templates --check --quiet
	@$(VENV) -m djlint templates --lint --quiet
	@KRING_SECRET_KEY="$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
		KRING_DEMO=0 KRING_URL=https://kring.example.org KRING_ROLE= \
		DATABASE_URL=postgresql://kring_web:unused@localhost/kring REDIS_URL=redis://localhost/0 \
		$(VENV) manage.py check --deploy --fail-level WARNING
	@$(VENV) manage.py makemigrations --check --dry-run
	@$(VENV) -m kring.local.translations
	@echo "Everything is in order."

bench: environment  ## Measure speed and memory (SIZE=1m ONLY=search,digest)
	@exec $(VENV) -m kring.bench

guard-report: environment  ## Measure the privacy guard (SHOW=1 POSTS=file)
	@exec $(VENV) -m kring.guarding

fresh: environment  ## Remove the local database, mail and files (asks first)
	@exec $(VENV) -m kring.local.fresh

digest-now: environment  ## Send digests now to the demo people
	@exec $(VENV) manage.py digest_now

messages: environment  ## Collect the texts to translate into locale/nl
	@exec $(VENV) -m kring.local.translations --update

lock: environment  ## Choose versions anew (requirements.lock, requirements.production.lock)
	@$(VENV) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 pyproject.toml --group local --group dev \
		-o requirements.lock
	@$(VENV) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 pyproject.toml -o requirements.production.lock

environment:
	@$(PYTHON) platform/kring/local/install.py
