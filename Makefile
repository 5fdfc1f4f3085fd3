# What a newcomer needs: `make demo`, `make test`. What a developer needs: `make check`, `make bench`, `make lock`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check fuzz format lint types imports docs bench bench-dedup lock clean

setup: $(STAMP)

# The lock is its own constraint (-c): to an older pip a pin of sqlalchemy says nothing about sqlalchemy[asyncio].
$(STAMP): requirements.lock requirements-dev.lock pyproject.toml
	@echo "setting up $(VENV), once: this takes some minutes …"
	@command -v $(PYTHON) >/dev/null || { echo "onecard needs Python 3.11: $(PYTHON) not found; name one with make PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock -c requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/onecard demo

# A file's tests stay in one process, as its fixtures are made once per process.
test: $(STAMP)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(STAMP) lint types imports test

fuzz: $(STAMP)
	@FUZZ_EXAMPLES=60 $(BIN)/python -m pytest tests/contract/test_generated_requests.py

format: $(STAMP)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: $(STAMP)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports --no-cache

docs: $(STAMP)
	@$(BIN)/python -m docs.generate

bench: $(STAMP)
	@$(BIN)/python -m bench

bench-dedup: $(STAMP)
	@$(BIN)/python -m bench.dedup $(LABELLED)

# Needs uv; the result names no registry.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .hypothesis
