# Every target runs in .venv and builds it if it is missing or out of date.
PYTHON ?= python3
BIN := .venv/bin
MANIFEST := $(BIN)/valhalla-manifest
GO_PACKAGES := /usr/share/gocode
QUICK := change cli config docs edit_bytes forges mistakes own_keys reports rules schema startup store

.PHONY: help status test quick soak readers check format generate bench bench-corpus bench-merges bench-readers lock release-check

status: .venv/ready  ## Validate the manifest and print its report (the main job).
	@$(MANIFEST) validate
	@$(MANIFEST) status

help:  ## Show this list of targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-15s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: .venv/ready readers  ## Run all tests.
	@$(BIN)/pytest

quick: .venv/ready  ## Run lint, types and the tests that fail most often (under a minute).
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -m "not slow" $(QUICK:%=tests/test_%.py)

soak: .venv/ready readers  ## Run the random tests twenty times as long, with new examples.
	@SOAK=20 $(BIN)/pytest tests/test_hostile.py tests/test_properties.py tests/test_faults.py \
	  tests/test_merge.py tests/test_merge_failures.py tests/test_history.py tests/test_descent.py \
	  tests/test_readers.py tests/test_fast_reader.py tests/test_broken_driver.py

# Install the YAML parsers of other languages. The tests skip those that cannot be installed.
readers: tests/support/readers/node_modules/.package-lock.json tests/support/readers/build/read-go

tests/support/readers/node_modules/.package-lock.json: tests/support/readers/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --prefix tests/support/readers --silent --no-audit --no-fund \
	    --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 && touch $@ \
	  || { rm -rf $(@D); echo "warning: npm cannot install the JavaScript parsers; their tests are skipped"; }; \
	fi

# Use the distribution's package of Go's yaml.v3, so that nothing is downloaded.
tests/support/readers/build/read-go: tests/support/readers/read.go
	@if command -v go >/dev/null && [ -d $(GO_PACKAGES)/src/gopkg.in/yaml.v3 ]; then \
	  mkdir -p $(@D) && GO111MODULE=off GOPATH=$(GO_PACKAGES) go build -o $@ $<; \
	fi

check: .venv/ready  ## Check format, lint, types, layers, generated files, manifest and schema.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/compile_model.py --check
	@$(BIN)/python scripts/audit_dependencies.py
	@$(MANIFEST) validate
	@$(MANIFEST) schema export --check
	@$(MANIFEST) schema check

format: .venv/ready  ## Format the code and apply safe fixes.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

generate: .venv/ready  ## Write the files that are generated from models, rules and commands.
	@$(BIN)/python scripts/compile_model.py
	@$(BIN)/python scripts/rules_page.py
	@$(BIN)/python scripts/command_table.py
	@$(MANIFEST) schema export

bench: .venv/ready .venv-bench/ready  ## Compare the speed with other tools and write docs/performance.md (minutes; SCALE=small to try).
	@$(BIN)/python benchmarks/run.py $(SCALE)

# Install the tools to compare with. The benchmarks skip those that cannot be installed.
.venv-bench/ready: benchmarks/peers.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $< \
	  || echo "warning: cannot install all tools to compare with"
	@touch $@

bench-corpus: .venv/ready  ## Check the hostile corpus with this and other tools (minutes).
	@$(BIN)/python benchmarks/corpus.py

bench-readers: .venv/ready readers  ## Read 100 000 damaged manifests with every parser (minutes).
	@$(BIN)/python benchmarks/readers.py

bench-merges: .venv/ready  ## Merge 2 000 random pairs of changes with Git (ten minutes).
	@$(BIN)/python benchmarks/merges.py

release-check: .venv/ready  ## Build the release in dist/ and test it (minutes; needs a package index).
	@$(BIN)/python scripts/release_check.py

lock:  ## Pin the newest versions of all dependencies, with hashes (needs uv).
	@mkdir -p build/lock
	@# uv ignores projects that are not managed by uv, so use a copy without that setting.
	@sed '/^managed = false/d' pyproject.toml > build/lock/pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --quiet --upgrade build/lock/pyproject.toml --all-extras \
	  --group build/lock/pyproject.toml:dev --output-file requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "building .venv (takes a minute, once)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
