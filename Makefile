# The jobs of this project. Everything runs in .venv, which is built when a job needs it.
PYTHON ?= python3
BIN := .venv/bin
MANIFEST := $(BIN)/valhalla-manifest
GO_PACKAGES := /usr/share/gocode
QUICK := change cli config docs edit_bytes forges mistakes own_keys reports rules schema startup store

.PHONY: help status test quick soak readers check format generate bench bench-corpus bench-merges bench-readers lock release-check

status: .venv/ready  ## Validate the manifest and print its report (the main job).
	@$(MANIFEST) validate
	@$(MANIFEST) status

help:  ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-15s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: .venv/ready readers  ## Run all tests.
	@$(BIN)/pytest

# What a change breaks most often; `make test` runs the rest.
quick: .venv/ready  ## Run lint, types and the tests that a change usually breaks (under a minute).
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -m "not slow" $(QUICK:%=tests/test_%.py)

soak: .venv/ready readers  ## Run the random tests twenty times as long, with other examples.
	@SOAK=20 $(BIN)/pytest tests/test_hostile.py tests/test_properties.py tests/test_faults.py \
	  tests/test_merge.py tests/test_merge_failures.py tests/test_history.py tests/test_readers.py \
	  tests/test_fast_reader.py

# The readers that the tests compare with; without npm (or its registry), Ruby or Go those are left
# out.
readers: tests/support/readers/node_modules/.package-lock.json tests/support/readers/build/read-go

tests/support/readers/node_modules/.package-lock.json: tests/support/readers/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --prefix tests/support/readers --silent --no-audit --no-fund \
	    --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 && touch $@ \
	  || { rm -rf $(@D); echo "warning: npm cannot install the JavaScript readers; their tests skip"; }; \
	fi

# Go's yaml.v3 as a distribution packages it, so that nothing is downloaded.
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

format: .venv/ready  ## Format the code and make the fixes that are safe.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

generate: .venv/ready  ## Make the files that follow from the models and rules.
	@$(BIN)/python scripts/compile_model.py
	@$(BIN)/python scripts/rules_page.py
	@$(MANIFEST) schema export

bench: .venv/ready .venv-bench/ready  ## Measure speed beside others and write docs/performance.md (minutes; SCALE=small to try).
	@$(BIN)/python benchmarks/run.py $(SCALE)

# What it is measured beside; what cannot be installed is left out.
.venv-bench/ready: benchmarks/peers.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $< \
	  || echo "warning: not all peers can be installed"
	@touch $@

bench-corpus: .venv/ready  ## Judge the hostile corpus with this tool and others (minutes).
	@$(BIN)/python benchmarks/corpus.py

bench-readers: .venv/ready readers  ## Read 100 000 damaged manifests with every reader (minutes).
	@$(BIN)/python benchmarks/readers.py

bench-merges: .venv/ready  ## Merge 2 000 random pairs of changes with git (ten minutes).
	@$(BIN)/python benchmarks/merges.py

release-check: .venv/ready  ## Build what is published into dist/, and try it out (minutes; an index).
	@$(BIN)/python scripts/release_check.py

lock:  ## Pin the newest versions of all dependencies, with hashes (needs uv).
	@mkdir -p build/lock
	@# uv does not look into a project that it does not manage.
	@sed '/^managed = false/d' pyproject.toml > build/lock/pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --quiet --upgrade build/lock/pyproject.toml --all-extras \
	  --group build/lock/pyproject.toml:dev --output-file requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "building .venv (once; a minute)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
