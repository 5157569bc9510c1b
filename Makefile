# `make demo` and `make test` are all that a newcomer needs; both set everything up first.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
SOURCES := src tests bench docs/generate.py docs/pictures.py web/generate.py

# Two workers share the tests; a machine with one core runs them in line. Each begins at its own end of them, so that what
# a module plays once is not played by both.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 4 ] && echo 4 || echo $$n)

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit lint types contracts fix docs web web-setup web-check stories real pictures openapi bench benchmarks chaos spark realtime truth stop clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(STAMP) ## .venv with everything in it; quick when nothing changed

$(STAMP): pyproject.toml .ci/setup
	@bash .ci/setup $(VENV)
	@touch $@

demo: setup ## two weeks of a shop on an embedded database, then the live console
	@bash .ci/web build || [ $$? -eq 3 ]
	@$(BIN)/siyu demo

test: setup ## everything that must hold; without a Chromium it says that the stories were not run
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint types contracts web-check
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory stories

web: setup ## the console, built into the package
	@bash .ci/web build

web-setup: setup ## what the console is built with
	@bash .ci/web setup

web-check: setup ## the console: lint, types, unit tests, its weight
	@bash .ci/web check

stories: web ## the console in a real browser, against a demo of its own; pictures in web/shots; STORIES="tests/home.spec.ts" for some
	@bash .ci/web stories $(STORIES)

real: web ## every report on the large public file, in the browser; SIYU_SAMPLE_DATA names its folder
	@REAL=large bash .ci/web stories tests/real.spec.ts

pictures: ## the README's pictures of the console, from the stories' own
	@for page in home customer journey; do for said in zh en; do \
		cp web/shots/$$page-$$said.png docs/images/console-$$page-$$said.png; done; done

openapi: setup ## what the console is generated from, from the code
	@$(BIN)/python web/generate.py
	@bash .ci/web setup

unit: setup ## the tests alone
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal

lint: setup ## style
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)

types: setup ## pyright: strict on src, basic on tests
	@$(BIN)/pyright --warnings

contracts: setup ## which way imports may point
	@$(BIN)/lint-imports --no-logo

fix: setup ## format, and mend what can be mended by machine
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

bench: setup ## measured figures of this machine
	@$(BIN)/python bench/engine.py

benchmarks: setup ## docs/benchmarks.md and scale.md: DATE=2026-03-02 RESULTS=result.json
	@$(BIN)/python bench/report.py --date "$(DATE)" $(RESULTS)

spark: setup ## the lake on a Spark cluster of its own, 3 to 15 minutes behind the wheel's; needs Java 17
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[dev,spark]'
	@$(BIN)/python -c 'import sys; from siyu.lake.spark import missing; sys.exit(missing())'
	@timeout --signal=INT --kill-after=60 2700 $(BIN)/pytest -m spark tests/spark

chaos: setup ## everything killed hundreds of times during 20,000 orders; CHAOS="--seed 7" for another run
	@$(BIN)/python bench/chaos $(CHAOS)

realtime: setup ## 2,000 events a second for a minute: how late messages are; REALTIME="--rate 200" for less
	@$(BIN)/python bench/realtime.py $(REALTIME)

truth: setup ## reports held against 200 worlds of people whose truth is known; TRUTH=50 for fewer
	@SIYU_TRUTH=$${TRUTH:-200} $(BIN)/pytest -q tests/sandbox/test_truth.py

docs: setup ## docs/reference, from the code
	@$(BIN)/python docs/generate.py

stop: setup ## stop the embedded database of the default home
	@$(BIN)/siyu stop

clean: ## forget the environment and all caches
	rm -rf $(VENV) web/node_modules src/siyu/api/console web/src/api/schema.d.ts .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
