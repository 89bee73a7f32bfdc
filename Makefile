# `make book` and `make test` are all that a fresh clone needs, in any order.
# Options for make-book: make book ARGS="pdf --strict". For pytest: make test PYTEST="-k links".

VENV := .venv/bin
ARGS ?=
PYTEST ?=

# Homebrew keeps its Java off the path.
export PATH := $(if $(filter Darwin,$(shell uname)),/opt/homebrew/opt/openjdk/bin:/usr/local/opt/openjdk/bin:)$(PATH)

.DEFAULT_GOAL := book
.PHONY: book test test-full lint format bench gallery docs fuzz lock clean help ready ready-test

book: ready ## build the book: build/*.pdf, build/*.epub
	@$(VENV)/make-book $(ARGS)

test: lint ## check the code and run the tests, with a sample of the long ones
	@$(VENV)/python -m pytest $(PYTEST)

test-full: lint ## check the code and run all tests
	@$(VENV)/python -m pytest --full $(PYTEST)

lint: ready-test ## check style and types
	@$(VENV)/ruff check --quiet
	@$(VENV)/ruff format --check --quiet || { echo "not formatted: run make format"; exit 1; }
	@$(VENV)/mypy --no-error-summary

format: ready-test ## bring the code into its format
	@$(VENV)/ruff check --fix
	@$(VENV)/ruff format

bench: ready-test ## time builds, from nothing and after an edit
	@$(VENV)/python scripts/bench.py $(ARGS)

gallery: ready-test ## pictures of the book's pages: build/gallery/index.html, docs/images with ARGS=--docs
	@$(VENV)/python scripts/gallery.py $(ARGS)

docs: ready ## build the documents: docs/build
	@$(VENV)/make-book -C docs

fuzz: ready-test ## feed the readers of text with strange bytes: ARGS="yaml --seconds 960"
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	@$(VENV)/python scripts/fuzz.py $(ARGS)

lock: ## write requirements*.lock anew after a change of dependencies
	@sh scripts/lock.sh $(ARGS)

clean: ## remove outputs and caches; .venv stays
	@if [ -x $(VENV)/make-book ]; then $(VENV)/make-book clean; else rm -rf build; fi
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

ready:
	@sh scripts/bootstrap.sh book

ready-test:
	@sh scripts/bootstrap.sh test
