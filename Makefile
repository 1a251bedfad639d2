# Three targets matter to a newcomer: preview, try and test. Each prepares what it needs. Tools run as modules, so that a
# project that was moved keeps its environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STACK ?=
ARGS ?=
INTEGRATION := $(foreach suite,integration engine,$(wildcard tests/$(suite)))
# What tests and mypy keep between runs, also for the next clone.
export GATEHOUSE_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/gatehouse

.DEFAULT_GOAL := help
.PHONY: help help-maintainers doctor new preview plan permissions answers verify prove try test test-review test-integration slow draws check rest lint audit fmt docs policy engine provider-facts managed-policies prices address-lists picture bench lock release clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "For those who change Gatehouse: make help-maintainers"

help-maintainers: #> Show the targets for maintainers
	@awk -F ':.*#> ' '/^[a-z-]+:.*#> / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

preview: .review ## Read what every stack would build, cost and expose; STACK=examples/webhook.yaml for one
	@$(BIN)/python -m review $(STACK) $(ARGS)

# The plan goes through a pipe and into no file.
plan: .review ## Review the engine's plan of a stack, which needs the Pulumi CLI and credentials; STACK=prod
	@command -v pulumi >/dev/null || { echo "There is no Pulumi CLI here: make preview$(if $(STACK), STACK=$(STACK)) needs none." >&2; exit 1; }
	@pulumi preview --json --show-sames --show-replacement-steps --non-interactive $(if $(STACK),--stack $(STACK)) | $(BIN)/python -m review --plan - $(ARGS)

permissions: .review ## Write the IAM policies that a deployment of a stack needs; STACK=prod
	@$(BIN)/python -m review.cli permissions $(STACK) $(ARGS)

answers: .review ## Ask AWS what a stack looks up, and write it for the review; STACK=prod ARGS=--check
	@$(BIN)/python -m review.cli answers $(STACK) $(ARGS)

verify: .review ## Refresh a deployed stack read-only, and check that it runs; STACK=prod ARGS=--strict
	@$(BIN)/python -m review.cli verify $(if $(STACK),--stack "$(STACK)") $(ARGS)

prove: .review ## Try on AWS what the documents say, for about an hour and a few dollars; ARGS="--email you@example.com"
	@$(BIN)/python -m review.cli prove $(ARGS)

try: .review ## Serve a stack on this machine; STACK=examples/webhook.yaml, ARGS="--backend http://127.0.0.1:8080"
	@$(BIN)/python -m review.cli try $(STACK) $(ARGS)

new: .review ## Ask a few questions and write a stack file that passes every rule; ARGS="shop --caller partner"
	@$(BIN)/python -m components.stack.new_project $(ARGS)

doctor: ## Say what this machine lacks, each with its remedy; ARGS=--aws asks AWS too
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or later, or name it: make doctor PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" review/doctor.py $(ARGS)

# `review` is whole in itself, with its own settings of pytest.
REVIEW = $(MAKE) --no-print-directory -C review VENV="$(CURDIR)/$(VENV)"

# Many tests start a Python of their own: without its cache each would compile the project first.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
FILES = $(strip $(foreach each,$(ARGS),$(wildcard $(firstword $(subst ::, ,$(each))))))

test: .tests ## Run the program's tests; ARGS="-k forwarder" for some, ARGS=--changed for those of changed files
	@$(if $(filter --changed,$(ARGS)),$(subst -m pytest,-m tools.changed_tests,$(PYTEST)),$(PYTEST)) -m "not slow" $(filter-out --changed,$(ARGS))
	@$(if $(ARGS),,echo "The program's tests passed. Run all others with: make rest")

test-review: .tests #> Run the review's tests except the slow ones
	@$(REVIEW) test

test-integration: .tests #> Run the tests of program, review and documents together, except the slow ones
	@$(PYTEST) -m "not slow" $(if $(FILES),,$(INTEGRATION)) $(ARGS)

slow: .tests #> Run the tests that install packages, start pytest or servers, or drive machines
	@$(if $(ARGS),$(PYTEST) -m slow $(ARGS),$(PYTEST) -m slow tests && $(REVIEW) slow)

# What it finds becomes an example of its test. SEED repeats a search.
draws: SEED ?= $(shell date +%s)
draws: .tests #> Search with a new seed for examples that no run draws; ARGS=tests/forwarder for some
	@echo "The seed is $(SEED): make draws SEED=$(SEED) draws the same."
	@for each in $(or $(ARGS),tests review/tests); do GATEHOUSE_DRAWS=2000 $(PYTEST) -m hypothesis --hypothesis-seed=$(SEED) $$each || exit 1; done

# The review's suite runs every case of its long lists there: review/tests/helpers/draws.py.
check rest: export CI ?= true
check: test rest #> All that CI runs: every test of every suite, and lint

rest: .tests #> Lint, and run the tests that `make test` leaves out
	@$(MAKE) --no-print-directory -j 2 lint other-tests

.PHONY: other-tests
other-tests: .tests
	@$(PYTEST) tests --others
	@$(PYTEST) review/tests

lint: .tests #> Format, lint, types, generated documents, workflows
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy --cache-dir "$$GATEHOUSE_CACHE/mypy" .
	@MYPYPATH=$(VENV)/linked $(BIN)/python -m mypy --cache-dir "$$GATEHOUSE_CACHE/mypy" examples/library/*/__main__.py
	@$(BIN)/python -m tools.generated --check
	@$(BIN)/zizmor --offline --quiet .github/workflows template/.github/workflows examples/workflows/*.yml action.yml

audit: .tests #> Look the pinned dependencies up in the database of known holes (needs internet)
	@$(BIN)/python -m pip_audit --strict --disable-pip --require-hashes --requirement requirements.lock

fmt: .tests #> Format the code and mend what lint can mend
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

docs: .tests #> Write what the documents take from code and records: settings, rules, claims about AWS, costs
	@$(BIN)/python -m tools.generated

LOCK = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate $(ARGS)
RENEW = uv pip compile --universal --generate-hashes --no-emit-package gatehouse --no-emit-package gatehouse-review requirements-dev.txt --output-file requirements.lock

# An environment of older requirements has uv too; the new ones cannot be installed before they are locked.
lock: $(if $(wildcard $(BIN)/uv),,.tests) #> Renew requirements.lock and the template's from the requirements; ARGS=--upgrade takes the newest of all indirect packages
	@$(LOCK) --no-header tests/requirements.txt tests/engine/requirements.txt review/policy/requirements.txt --output-file requirements.lock
	@printf '.\n./review[try,verify]\n%s\n' "$$(grep == template/requirements-dev.txt)" | $(LOCK) --custom-compile-command "$(RENEW)" --constraints requirements.lock \
		--no-emit-package gatehouse --no-emit-package gatehouse-review - --output-file template/requirements.lock

policy: .review #> Install what `pulumi preview --policy-pack review/policy` needs
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r review/policy/requirements.txt

engine: .engine #> Run every example on the real engine and provider, against an emulator; ARGS="--only '^dev$'"
	@$(BIN)/python -m tests.engine $(value ARGS)

provider-facts: .tests #> Refresh what the AWS provider declares of each type; ARGS=FOLDER has its source
	@$(BIN)/python -m tools.provider_facts $(ARGS)

managed-policies: .tests #> Refresh the documents of AWS's own IAM policies, which moto has from AWS
	@$(BIN)/python -m pip install --quiet --no-deps '$(shell grep ^moto tests/engine/requirements.txt)'
	@$(BIN)/python -m review.aws.identity.refresh

prices: .tests #> Refresh the price table from AWS (needs credentials); ARGS="--instance m7g.large" adds a type
	@$(BIN)/python -m review.cost.refresh $(ARGS)

address-lists: .tests #> Refresh GitHub's published ranges (needs internet)
	@$(BIN)/python -m tools.address_lists

picture: .tests #> Write the README's picture of the page of `make try` (needs Chromium)
	@$(BIN)/python -m tools.page_picture

bench: .tests #> Compare the forwarder's time with a bare socket's; ARGS="--calls 40" for a short run
	@$(BIN)/python -m tests.bench.forwarder $(ARGS)

release: .tests #> Write the changelog's section and build both wheels of a clean, green tree
	@$(BIN)/python -m tools.release $(ARGS)

clean: #> Remove the virtual environment and caches
	@rm -rf $(VENV) "$$GATEHOUSE_CACHE" .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Asked before 400 MB are installed. `value` keeps a regular expression's $ from make.
.engine: .binaries
.binaries: .python
	@"$(PYTHON)" -m tests.engine.binaries $(value ARGS)

.PHONY: .review .tests .engine .binaries .python
.review .tests .engine: .python
	@NAMED="$(origin PYTHON)" PYTHON="$(PYTHON)" sh tools/environment.sh $(subst .,,$@)

.python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or later, or name it: make PYTHON=/path/to/python3 …" >&2; exit 1; }
