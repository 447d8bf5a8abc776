# Everything goes through start.py, which needs nothing but Python 3.11 or newer.
# On Windows, which has no make: python start.py run, python start.py test, …
PYTHON ?= python3
ARGS ?=
VENV := .venv/bin/python
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet

.PHONY: help run setup test test-quick test-slow test-postgres coverage bench screenshots messages locks clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: ## set everything up and start the site with the demo class
	@$(PYTHON) start.py run $(ARGS)

setup: ## set up what working on the code needs, without starting anything
	@$(PYTHON) start.py setup

test: ## every check and every test but the slow ones
	@$(PYTHON) start.py test $(ARGS)

test-quick: ## the checks and the tests that need neither PostgreSQL nor a browser
	@$(PYTHON) start.py test-quick $(ARGS)

test-slow: ## the long tests, and the others once more over PostgreSQL
	@$(PYTHON) start.py test-slow $(ARGS)

test-postgres: ## the tests that have a database, over PostgreSQL
	@$(PYTHON) start.py test-postgres $(ARGS)

coverage: setup ## which lines the unit tests reach
	@$(VENV) -m pytest -m "not slow and not browser" -n 2 --cov=labapp --cov=instructor --cov=seed --cov-report=term:skip-covered

bench: setup ## measure, and write benchmarks/RESULTS.md
	@$(VENV) -m pip install -qq --no-input --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@$(VENV) -m benchmarks $(ARGS)

screenshots: setup ## take the pictures of the guides anew
	@$(VENV) -m tests.browser.screenshots $(ARGS)

messages: setup ## bring the translations up to date with the code, and compile them
	@$(VENV) tools/messages.py extract
	@$(VENV) tools/messages.py compile

locks: ## resolve the dependencies anew (ARGS=--upgrade for newer ones); needs uv
	$(LOCK) $(ARGS) requirements/build.in -o requirements/build.lock
	$(LOCK) $(ARGS) -c requirements/build.lock pyproject.toml -o requirements/run.lock
	$(LOCK) $(ARGS) -c requirements/build.lock -c requirements/run.lock pyproject.toml --all-extras -o requirements/dev.lock
	$(LOCK) $(ARGS) -c requirements/dev.lock pyproject.toml --extra postgres --extra gunicorn -o requirements/serve.lock
	$(LOCK) $(ARGS) -c requirements/build.lock -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock
	$(LOCK) $(ARGS) requirements/node.in -o requirements/node.lock

clean: ## remove what the set-up and the tests made (not the data)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov test-results labapp/web/static/vendor
	find labapp instructor seed scenarios tests tools benchmarks -name '*.mo' -delete -o -name __pycache__ -prune -exec rm -rf {} +
