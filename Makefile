# nianbao: set up and run. `make demo` and `make test` need python3 (3.11 or newer, with venv), make and a network.
#
#   make setup                       .venv with the command .venv/bin/nianbao
#   make demo                        the same, then play a season in a pretend country
#   make test | lint | bench         the same, with the packages for tests as well
#   make bench-archive               the archive with 1,000,000 reports, some 20 minutes and 5 GB
#   make bench-judge                 how right the rules are in a pretend country, and how fast
#   make soak                        long campaigns: kills, 1,000 histories of telling, a whole season; an hour or two
#   make setup PYTHON=python3.13     with another interpreter
#   make clean                       remove what is made here

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

# pip says nothing but what goes wrong, and not that a newer pip exists.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip -qq

# Each step of the set-up touches its stamp last, so that an interrupted one is done again, and nothing is done twice.
PACKAGES := $(VENV)/.packages
PROJECT := $(VENV)/.project
TESTING := $(VENV)/.testing
MADE_IN := $(VENV)/.made-in
MADE_WITH := $(VENV)/.made-with

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint bench bench-archive bench-judge soak clean again

help:
	@sed -n 's/^#   //p' Makefile

setup: $(PROJECT)
	@echo 'Ready: $(BIN)/nianbao --help'

demo: $(PROJECT)
	$(BIN)/nianbao demo

test: $(TESTING)
	$(BIN)/python -m pytest -n $(JOBS)

lint: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(TESTING)
	$(BIN)/python -m tests.bench

bench-archive: $(TESTING)
	$(BIN)/python -m tests.bench.archive

bench-judge: $(TESTING)
	$(BIN)/python -m tests.bench.judge --write
	$(BIN)/python -m tests.bench.judging

soak: $(TESTING)
	$(BIN)/python -m tests.soak.kill
	$(BIN)/python -m tests.soak.platforms
	$(BIN)/python -m tests.soak.telling
	$(BIN)/python -m tests.soak.watch
	$(BIN)/python -m tests.soak.season

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	[ ! -e demo/.nianbao-demo ] || rm -rf demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv does not survive that its folder is moved or copied, and another interpreter needs another one.
ifneq ($(wildcard $(PACKAGES)),)
ifneq ($(shell cat $(MADE_IN) 2>/dev/null),$(CURDIR))
$(PACKAGES): again
endif
ifneq ($(filter command environment,$(origin PYTHON)),)
ifneq ($(shell cat $(MADE_WITH) 2>/dev/null),$(PYTHON))
$(PACKAGES): again
endif
endif
endif

$(PACKAGES): requirements.lock
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo 'nianbao: there is no $(PYTHON) here: install Python 3.11 or newer with venv (Debian, Ubuntu: apt-get install python3 python3-venv), or name one that is there: make setup PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'nianbao: $(PYTHON) is not Python 3.11 or newer: install one with venv (Debian, Ubuntu: apt-get install python3 python3-venv), or name one that is there: make setup PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'nianbao: $(PYTHON) cannot make a venv: install its venv module (Debian, Ubuntu: apt-get install python3-venv), then run make again' >&2; exit 1; }
	@rm -rf $(PACKAGES) $(PROJECT) $(TESTING) $(BIN)/nianbao
	@echo 'Setting up $(VENV) (half a minute to some minutes, by the network) ...'
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@echo '$(PYTHON)' > $(MADE_WITH)
	@echo '$(CURDIR)' > $(MADE_IN)
	@touch $@

$(PROJECT): $(PACKAGES) pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTING): $(PROJECT) requirements-test.lock
	@echo 'Installing the packages for tests ...'
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@
