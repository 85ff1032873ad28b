# make run    serves Zhengda on http://127.0.0.1:8000 with the sample knowledge base
# make test   checks everything; CI runs the same
# Works with GNU make 3.81 (macOS) and newer.

VENV = .venv
BIN = $(VENV)/bin
# Run from this folder; empty, as in the Dockerfile, installs a copy.
MODE = --editable
# Processes that run the tests; 0 is this one. Two save time on a quiet machine, and disturb tests that measure it.
WORKERS = 0
# Where `make test-training` installs torch, and which: TORCH=torch==2.13.0 for example, where the newest is a big one.
TRAINING = .venv-training
TORCH =
ARGS =

.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help run install install-test chromium test test-training lint docs format lock upgrade gate eval bench clean

help:
	@echo "make run       serve the sample knowledge base on http://127.0.0.1:8000"
	@echo "make test      linters, types, import contracts, generated documents, all tests, the gate"
	@echo "make lint      the same without the tests"
	@echo "make test-training   what needs torch: training, export, adapting; not part of make test"
	@echo "make format    format the code and sort its imports"
	@echo "make docs      write docs/cli.md, docs/settings.md and docs/openapi.json anew"
	@echo "make lock      write the lock files anew from pyproject.toml (make upgrade: with the newest versions)"
	@echo "make gate      whether answers got worse than the committed baseline"
	@echo "make eval      measure answer quality     (make eval ARGS='--help')"
	@echo "make bench     measure speed              (make bench ARGS='--help')"
	@echo "make clean     remove what make made; the data folder stays"

run: install
	@exec $(BIN)/zhengda serve --demo $(ARGS)

install:
	@sh tools/install.sh dependencies $(VENV) requirements.lock
	@sh tools/install.sh program $(VENV) $(MODE)

install-test:
	@sh tools/install.sh dependencies $(VENV) requirements-test.lock
	@sh tools/install.sh program $(VENV) $(MODE)

chromium: install-test
	@$(BIN)/python -m tools.chromium

test: lint chromium
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)
	$(BIN)/python -m eval gate --data build/gate

test-training:
	@sh tools/install.sh dependencies $(TRAINING) requirements.lock
	@sh tools/install.sh program $(TRAINING) $(MODE)
	@sh tools/install.sh extra $(TRAINING) training 'pytest>=9.0' 'hypothesis>=6.150' $(TORCH)
	$(TRAINING)/bin/python -m pytest -W default tests/training $(ARGS)

gate: install-test
	$(BIN)/python -m eval gate --data build/gate $(ARGS)

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/zhengda docs --check

format: install-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install
	$(BIN)/zhengda docs

lock:
	@sh tools/lock.sh

upgrade:
	@sh tools/lock.sh --upgrade

eval: install-test
	@$(BIN)/python -m eval $(ARGS)

bench: install-test
	@$(BIN)/python -m eval.bench $(ARGS)

clean:
	rm -rf $(VENV) $(TRAINING) .venv-lock build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
