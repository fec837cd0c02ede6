# Every set-up step is a target here. `make demo` and `make test` do all of theirs on a machine with Python >= 3.11.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
OLDEST := .venv-oldest
FAST   := -m "not slow and not gpu" -n 2 --dist worksteal

.PHONY: setup demo test test-slow test-gpu test-oldest check format bench bench-accuracy bench-speed clean

setup: $(READY)  ## a virtual environment with slotfill and its tools, exact versions

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

demo: setup  ## train on the built-in corpus, evaluate, tag
	$(BIN)/slotfill train airline --output models/airline --force
	$(BIN)/slotfill eval models/airline airline
	FORCE_COLOR=1 $(BIN)/slotfill tag --model models/airline --format pretty "fly to taipei"

test: setup  ## the fast tests
	$(BIN)/python -m pytest $(FAST)

test-slow: setup  ## the tests that train real models
	$(BIN)/python -m pytest -m slow

test-gpu: setup  ## the tests of a GPU, where there is one
	$(BIN)/python -m pytest -m gpu

test-oldest:  ## the fast tests with the oldest versions that pyproject.toml allows
	$(PYTHON) -m venv $(OLDEST)
	sed -n 's/^ *"\([a-z_]*\)>=\(.*\)",$$/\1==\2/p' pyproject.toml > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python -m pip install --quiet --constraint $(OLDEST)/constraints.txt --editable '.[dev]'
	$(OLDEST)/bin/python -m pytest $(FAST)

check: setup  ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup  ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-accuracy: setup  ## accuracy on ATIS and SNIPS, five to forty seeds; after `slotfill download atis snips`
	$(BIN)/python -m benchmarks.distillation --corpus atis,snips
	$(BIN)/python -m benchmarks.distillation --corpus atis,snips --teachers 8
	$(BIN)/python -m benchmarks.accuracy --corpus atis,snips --seeds 0,1,2,3,4

bench-speed: setup  ## training and tagging speed beside the peers'; after `slotfill download atis`; nothing else should run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks.speed --train --output benchmarks/results/speed

bench: demo  ## accuracy on the built-in corpus, beside a tagger that sees three words; trains models/airline anew
	$(BIN)/python -m benchmarks.airline_baseline --model models/airline
	$(BIN)/python -m benchmarks.accuracy --corpus airline

clean:  ## remove what make and the benchmarks made, their trainings too; what commands wrote stays
	rm -rf $(VENV) $(OLDEST) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
