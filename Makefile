.PHONY: quickstart evals test test-slow test-train lint bench lock clean

quickstart: ## Install what is missing, build elixir-stdlib-v1 and look at it
	@scripts/prepare base
	@.venv/bin/factory build elixir-stdlib-v1
	@.venv/bin/factory show elixir-stdlib-v1
	@.venv/bin/factory sample elixir-stdlib-v1 --rows 3

evals: ## Install what grading needs, grade every reference solution, and look at a report
	@scripts/prepare evals
	@.venv/bin/evals doctor
	@.venv/bin/evals run --suite core --suite otp --model reference --name reference
	@.venv/bin/evals report reference

test: ## Lint, types, imports, tests with coverage
	@scripts/prepare dev
	@$(MAKE) --no-print-directory lint
	.venv/bin/coverage erase
	.venv/bin/pytest -n 2 --dist loadgroup -m "not slow and not train" --cov --cov-report=term

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

test-slow: ## The suites that take minutes
	@scripts/prepare dev
	.venv/bin/pytest -n 2 --dist loadgroup -m "slow and not train"

test-train: ## That TRL's SFTTrainer takes a built dataset unchanged (installs PyTorch)
	@scripts/prepare train
	.venv/bin/pytest -m train

bench: ## Every table of the README's section on speed
	@scripts/prepare dev
	.venv/bin/python -m pip install --quiet --disable-pip-version-check datasketch
	.venv/bin/python -m benchmarks

lock: ## Write the lock files anew from pyproject.toml
	@scripts/prepare dev
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build -o requirements.lock
	.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build --extra evals -o requirements-evals.lock
	.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group build --extra dev --extra evals --extra books -o requirements-dev.lock

clean: ## Remove what was made here, but not the store
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* build dist *.egg-info
