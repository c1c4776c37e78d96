PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# One thread per maths library: idle OpenMP threads spin and starve the other processes of the stack.
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= PASSIVE
export TOKENIZERS_PARALLELISM ?= false

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-full lint audit format bench demo-model adapter

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything into .venv; a second call does nothing
	@$(PYTHON) deploy/setup.py

demo: setup ## Redis, vLLM and gateway on the demo model: watch it forget and remember
	@$(BIN)/python -m demo

serve: setup ## the demo stack, kept running
	@$(BIN)/lethe serve --demo

test: setup ## the suite, with one vLLM start
	@$(BIN)/pytest -n auto --maxprocesses 4 --no-loadscope-reorder

test-full: setup ## adds what is slow: architectures, chaos, soak, image
	@$(BIN)/pytest -n auto --maxprocesses 4 --no-loadscope-reorder -m "slow or not slow"

lint: setup ## style, types, import directions, Dockerfile and YAML
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/yamllint --strict .

audit: setup ## known vulnerabilities of the pinned packages, as PyPI tells them
	@$(BIN)/python deploy/audit.py

format: setup ## put every file into the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## propagation, throughput, verdicts, times of refusals and steering, written to reports/
	@mkdir -p reports
	@$(BIN)/lethe bench propagation --json reports/propagation.json
	@$(BIN)/lethe bench gateway --json reports/gateway.json --page reports/gateway.md
	@$(BIN)/lethe bench guards --json reports/guards.json
	@$(BIN)/lethe bench timing --json reports/timing.json
	@$(BIN)/lethe bench engine --json reports/engine.json

demo-model: setup ## train the demo models again from the generator
	@$(BIN)/python -m demo.train

adapter: setup ## train the guards' adapter, thresholds and weights again from the written material
	@$(BIN)/python -m training
	@$(BIN)/python -m training.told
