# make demo    analyse the sample clip
# make test    all tests
# make lint    ruff and mypy
# make speed   how long things take, and where the time goes
# make accuracy  how accurate things are: noisy landmarks, the bank, then rendered clips (an hour, most of it rendering,
#                once)
# make accuracy-fresh SEED=7  the same of twenty hinges that nobody has drawn yet (SETS=40 for more)
# make bank      render what the bank of sets lacks (slow; it can be stopped and taken up again) and write its small files
# make live-bench  how quick and how right formcheck live is, in real time, alone and on a busy machine
# make fuzz    mutated videos and reports through `formcheck batch`: FUZZ="--count 5000 --seed 7"
# make batch-bench  what `formcheck batch` costs, and what a million uploads a day would take
# make docs    build the documentation in .build/site, with every link checked, and without the network
# make models  rebuild models/ from the three packages they come from
# Each creates what it needs: .venv here, and what the system lacks where this user may install it.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint speed accuracy accuracy-fresh bank live-bench fuzz batch-bench docs models
.DELETE_ON_ERROR:

demo: $(RUN)
	$(BIN)/formcheck demo

test: $(DEV)
	@.ci/system render $(BIN)/python
	@.ci/system browse $(BIN)/python
	@.ci/system speak $(BIN)/python
	@.ci/system screen $(BIN)/python
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

speed: $(DEV)
	@.ci/system browse $(BIN)/python
	$(BIN)/python -m benchmarks.speed

accuracy: $(DEV)
	@.ci/system render $(BIN)/python
	$(BIN)/python -m benchmarks.accuracy landmarks
	$(BIN)/python -m benchmarks.accuracy bank
	$(BIN)/python -m benchmarks.accuracy rendered
	$(BIN)/python -m benchmarks.accuracy invariance

accuracy-fresh: $(DEV)
	@test -n "$(SEED)" || { echo "error: name a seed, as in: make accuracy-fresh SEED=7" >&2; exit 1; }
	@.ci/system render $(BIN)/python
	$(BIN)/python -m benchmarks.accuracy fresh --seed $(SEED) --sets $(or $(SETS),20)

bank: $(DEV)
	@.ci/system render $(BIN)/python
	$(BIN)/python -m benchmarks.bank.build
	$(BIN)/python -m benchmarks.bank.pack

live-bench: $(DEV)
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.come_up
	$(BIN)/python -m benchmarks.live_bank
	$(BIN)/python -m benchmarks.live_real

fuzz: $(DEV)
	$(BIN)/python -m benchmarks.fuzz $(FUZZ)

batch-bench: $(DEV)
	$(BIN)/python -m benchmarks.batch

docs: $(DEV)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "open .build/site/index.html; its search wants a server: $(BIN)/python -m http.server --directory .build/site"

models: $(DEV)
	$(BIN)/python models/build_models.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed, and none is on PATH" >&2; exit 1; }
	@.ci/system venv $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(RUN): pyproject.toml constraints.txt | $(BIN)/python
	@.ci/system run $(BIN)/python
	@echo "installing formcheck into $(VENV) (a minute or two, once)"
	$(PIP) --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	@.ci/system run $(BIN)/python
	@echo "installing formcheck and its tools into $(VENV) (a minute or two, once)"
	$(PIP) --editable '.[dev,render]'
	@touch $(RUN) $@
