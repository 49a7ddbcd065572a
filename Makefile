# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
TORCH_ARGS ?= -c constraints.txt
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup demo test test-fast check format clean

help:
	@echo "setup   a virtual environment in .venv with everything that the tests need"
	@echo "demo    simulate people, train a twin, compare people it has never seen, write demo/report.html"
	@echo "test    all tests (test-fast leaves the slow ones out)"
	@echo "check   ruff, mypy, import-linter        format  ruff format and fixes"

setup: $(STAMP)

# torch comes first, in the pinned version. Where the registry's own torch is the GPU build (gigabytes), ask for the
# CPU build: make setup TORCH_ARGS="--index-url https://download.pytorch.org/whl/cpu"
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q $(TORCH_ARGS) torch==2.13.0
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[all,dev]'
	touch $(STAMP)

demo: setup
	$(BIN)/sigsimnet demo -o demo

test: setup
	$(BIN)/python -m pytest

test-fast: setup
	$(BIN)/python -m pytest -m "not slow"

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
