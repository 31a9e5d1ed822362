# make demo | lint | test | mutate | spark | test-spark | real | bench | survive | audit | lock - see README.md
.PHONY: demo lint test mutate spark test-spark real bench survive audit lock clean
VENV := .venv
PY := $(VENV)/bin/python

# No resolving at install time (--no-deps): the lock is the whole environment, hash by hash.
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r

$(VENV)/.installed: requirements.lock pyproject.toml
	python3 -m venv $(VENV)
	@echo "Installing the locked packages (about two minutes the first time) ..."
	$(INSTALL) requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-test.lock
	$(INSTALL) requirements-test.lock
	@touch $@

$(VENV)/.linted: $(VENV)/.installed requirements-lint.lock
	$(INSTALL) requirements-lint.lock
	@touch $@

$(VENV)/.mutated: $(VENV)/.tested requirements-mutate.lock
	$(INSTALL) requirements-mutate.lock
	@touch $@

# PySpark comes as source, which is packed with the setuptools that the lock has.
$(VENV)/.spark: $(VENV)/.installed requirements-spark.lock
	$(INSTALL) requirements-spark.lock --no-build-isolation
	@touch $@

demo: $(VENV)/.installed
	$(VENV)/bin/servicekpi demo --store demo

# What CI runs first. `.venv/bin/ruff format . && .venv/bin/ruff check --fix .` repairs most of what it finds.
lint: $(VENV)/.linted
	$(VENV)/bin/ruff format --check --quiet .
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/basedpyright
	$(VENV)/bin/sqlfluff lint --nocolor --processes 2 transforms/sql expectations
	$(VENV)/bin/codespell

test: $(VENV)/.tested
	$(PY) -m pytest --basetemp=.cache/pytest

# make mutate PACKAGE=transforms/statistics [TESTS="tests/unit/transforms/statistics"]
mutate: $(VENV)/.mutated
	$(PY) -m tests.house.mutate $(PACKAGE) $(TESTS)

spark: $(VENV)/.spark

test-spark: $(VENV)/.tested $(VENV)/.spark
	$(PY) -m pytest -m spark --dist load --basetemp=.cache/pytest-spark tests/spark

real: $(VENV)/.installed
	$(VENV)/bin/servicekpi real --datasets ../shared/datasets --store real

# Half an hour or more on a quiet machine: disks filled, memory taken away, 200 runs killed, see tests/bench/survive.py.
survive: $(VENV)/.tested
	$(PY) -m tests.bench.survive --kills 200

# Whether the locked packages fit together; and where pip-audit is installed, which known holes they have (a package that it could not look up is a failure).
audit: $(VENV)/.installed
	$(PY) -m pip check --disable-pip-version-check
	@if command -v pip-audit >/dev/null; then pip-audit --strict --disable-pip --require-hashes -r requirements.lock; \
	else echo "pip-audit is not installed: known holes were not looked up"; fi

bench: $(VENV)/.tested
	$(PY) -m tests.bench --store bench

# Needs uv; everybody else installs with plain pip.
lock:
	uv pip compile pyproject.toml --quiet --upgrade --extra build --python-version 3.11 --generate-hashes --no-annotate --no-header -o requirements.lock
	uv pip compile pyproject.toml --quiet --extra build --extra test -c requirements.lock --python-version 3.11 --generate-hashes --no-annotate --no-header -o requirements-test.lock
	uv pip compile pyproject.toml --quiet --extra build --extra lint -c requirements.lock --python-version 3.11 --generate-hashes --no-annotate --no-header -o requirements-lint.lock
	uv pip compile pyproject.toml --quiet --extra build --extra mutate -c requirements-test.lock --python-version 3.11 --generate-hashes --no-annotate --no-header -o requirements-mutate.lock
	uv pip compile pyproject.toml --quiet --extra build --extra spark -c requirements.lock --python-version 3.11 --generate-hashes --no-annotate --no-header -o requirements-spark.lock

clean:
	rm -rf demo real bench .cache
