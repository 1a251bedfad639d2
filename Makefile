# Two targets matter to a newcomer: preview and test. Each prepares what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STACK ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help preview test check lint audit fmt docs prices address-lists bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preview: $(VENV)/.review ## Read what every stack would build, cost and expose; STACK=examples/webhook.yaml for one
	@$(BIN)/python -m review $(STACK) $(ARGS)

test: $(VENV)/.dev ## Run all tests; ARGS="-k forwarder" for some
	@$(BIN)/pytest $(ARGS)

check: lint test ## All that CI runs: lint, and the tests

lint: $(VENV)/.dev ## Format, lint, types, generated documents, workflows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/python -m settings.reference --check
	@$(BIN)/zizmor --offline --quiet .github/workflows

audit: $(VENV)/.dev ## Look the pinned dependencies up in the database of known holes (needs internet)
	@$(BIN)/pip-audit --requirement requirements-dev.txt

fmt: $(VENV)/.dev ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.dev ## Write the settings reference and the project's config schema anew from the models
	@$(BIN)/python -m settings.reference

prices: $(VENV)/.dev ## Refresh the price table from AWS (needs credentials); ARGS="--instance m7g.large" adds a type
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-prices.txt
	@$(BIN)/python -m review.cost.refresh $(ARGS)

address-lists: $(VENV)/.dev ## Refresh GitHub's published ranges (needs internet)
	@$(BIN)/python -m components.api.address_lists

bench: $(VENV)/.dev ## Run the benchmarks
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean: ## Remove the virtual environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.review: requirements.txt requirements-review.txt
	@$(call install,requirements-review.txt)

$(VENV)/.dev: requirements.txt requirements-review.txt requirements-dev.txt
	@$(call install,requirements-dev.txt)
	@touch $(VENV)/.review

# The stamp comes last, so an interrupted installation is taken up again.
define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatehouse needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 …")' && \
test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) && \
echo "Installing $(1) into $(VENV) …" >&2 && \
$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(1) && touch $@
endef
