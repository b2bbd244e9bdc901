# The project's verbs. Each sets up what it needs in this checkout and is quick the second time.
# Written for GNU make 3.81 and later (macOS ships 3.81).

# The Pythons to try, in this order; name yours with `make <verb> PYTHON=/path/to/python3.12`.
PYTHON ?= python3.13 python3.12 python3.11 python3
# More arguments for the command behind a verb: make test ARGS="-k network", make lock ARGS=--upgrade
ARGS ?=
# What `make image` calls the image.
TAG ?= sparta

VENV_PYTHON := .venv/bin/python
EMULATOR_PYTHON := .venv-emulator/bin/python
LAMBDA_PYTHON := .venv-lambda/bin/python
# Exactly the files of a lock, and ready-made wheels only: nothing is built, no code of a package runs. Byte code is left
# to the first import: most modules of these packages are never imported.
PIP_INSTALL := -m pip install --disable-pip-version-check -qq --require-hashes --only-binary :all: --no-compile -r
# A Python that is found may still not do: a version manager's stand-in can fail, a system Python can lack venv.
USABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
COMPILE := .venv/bin/uv pip compile setup.cfg --no-config --quiet --universal --no-strip-extras --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock' $(ARGS)

# The runbook. What each may be given, it says itself: make scale ARGS=--help
RUNBOOK := bootstrap changeset deploy release rollback destroy verify difference cost scale restart stop \
	disable logs errors metrics troubleshoot audit drift backup backups restore putback export migrate \
	migrations secrets secret rotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help template package test coverage lint format docs api bot devnet image bench scan snapshots recordings lock clean $(RUNBOOK)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
		line = sprintf("  make %-12s", $$1); count = split($$2, words, " "); \
		for (i = 1; i <= count; i++) { \
			if (length(line) + length(words[i]) >= 80) { print line; line = sprintf("%19s", "") } \
			line = line " " words[i] \
		} \
		print line }' Makefile

template: .venv/.infra ## Write build/templates/*.yaml and check them: cfn-lint and our own rules, each environment
	@$(VENV_PYTHON) -m templates build

package: | $(VENV_PYTHON) ## Write build/lambda/<function>.zip for AWS Lambda, the same bytes every time
	@$(VENV_PYTHON) -m scripts.package $(ARGS)

test: .venv/.dev .venv-emulator/.emulator .venv-lambda/.lambda ## Run every test, with an emulated AWS on this machine
	@$(VENV_PYTHON) -m pytest -n auto $(ARGS)

coverage: .venv/.dev .venv-emulator/.emulator .venv-lambda/.lambda ## Run every test and show the lines none of them reaches
	@$(VENV_PYTHON) -m pytest -n auto --cov $(ARGS)

lint: .venv/.dev ## Check style, types and who imports whom
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) .venv/bin/lint-imports --no-logo

format: .venv/.dev ## Put the code in its standard form
	@$(VENV_PYTHON) -m ruff check --fix-only --quiet .
	@$(VENV_PYTHON) -m ruff format .

docs: .venv/.api ## Write the pages of docs/ that are made from the code
	@$(VENV_PYTHON) -m scripts.docs

scan: template .venv-scan/.scan ## Scan the emitted templates with checkov; accepted findings stand beside their resource
	@.venv-scan/bin/checkov --directory build/templates --framework cloudformation --compact --quiet --skip-download

bench: .venv/.dev ## Measure generation, lint, the functions, the API, the bot and the monitor beside plain tools
	@$(VENV_PYTHON) -m scripts.bench $(ARGS)

api: .venv/.api ## Serve the REST API, by the settings of .env and the environment
	@.venv/bin/gunicorn 'sparta.api:create_app()' $(ARGS)

bot: .venv/.bot ## Run the Discord bot, by the settings of .env and the environment
	@$(VENV_PYTHON) -m sparta.bot $(ARGS)

devnet: .venv/.dev ## Start DynamoDB, an EVM with the contracts and a stand-in Aztec node; writes build/devnet.env
	@$(VENV_PYTHON) -m scripts.devnet $(ARGS)

image: ## Build the image of the API and the bot with docker, podman or buildah: TAG=sparta
	@if docker version >/dev/null 2>&1; then set -- docker build; \
	elif command -v podman >/dev/null; then set -- podman build --format docker; \
	elif command -v buildah >/dev/null; then set -- buildah bud --format docker; \
	else echo "Nothing here builds images: no docker that runs, no podman, no buildah. Install one." >&2; exit 1; fi; \
	echo "$$* --tag $(TAG) $(ARGS) ."; "$$@" --tag $(TAG) $(ARGS) .

bootstrap: ## Make what comes before everything else, once per environment: ENV=staging
changeset: ## Show what a deployment would change and leave it ready, executing nothing: ENV=staging
deploy: ## Execute the change set that was prepared, watch it and verify: ENV=staging
release: ## Run another image by digest: ENV=staging IMAGE=<repository>@sha256:<digest>
rollback: ## Put back what was deployed before; SERVICE=api the image alone: ENV=staging
destroy: ## Take a system down, after backups, keeping what holds data: ENV=staging
verify: ## Look whether everything works, as one table: ENV=staging
difference: ## Show what changes between two folders of templates, without AWS: BASE=<templates before>
cost: ## Estimate what an environment costs a month, beside its bill: ENV=production MONTH=2026-10
scale: ## Run more or fewer tasks: SERVICE=api COUNT=3
restart: ## Replace a service's tasks by new ones: SERVICE=api
stop: ## Stop one task, which ECS replaces: TASK=<id> REASON=<why>; lists them without TASK
disable: ## Switch the Discord bot off at once
logs: ## Show a component's log: COMPONENT=api SINCE=10m FOLLOW=1 FILTER=<words>
errors: ## Find the errors of every component, grouped: SINCE=1h
metrics: ## Show the key indicators beside their targets and alert thresholds
troubleshoot: ## Gather what explains a failure: CASE=tasks, database or monitor
audit: ## Find what is open, public, unrotated or unwatched, and show what each role may do
drift: ## Show what differs from the templates, in every stack
backup: ## Save every table now: ENV=production
backups: ## List the backups there are, newest first: ENV=production
restore: ## Restore a backup into a new table: TABLE=operators or BACKUP=<name>
putback: ## Write a restored table's items into the one in use: TABLE=operators SOURCE=<table>
export: ## Write the tables as files into the bucket for backups: ENV=production
migrate: ## Bring the data to the form this version wants: DRY_RUN=1 shows what would change
migrations: ## List the migrations and which are applied: ENV=production
secrets: ## Show what is known of the secrets, never a value: ENV=production
secret: ## Set a secret from a prompt or standard input: NAME=bot-token
rotate: ## Rotate the API's key now and watch it: NAME=api-key

$(RUNBOOK): .venv/.operations
	@$(VENV_PYTHON) -m scripts $@ $(ARGS)

snapshots: .venv/.dev ## Record the emitted templates anew, for review in the diff
	@$(VENV_PYTHON) -m pytest tests/templates --snapshot-update $(ARGS)

recordings: .venv/.dev .venv-emulator/.emulator ## Play the runbook on the emulated AWS and record it in docs/ anew
	@$(VENV_PYTHON) -m tests.operations.recording

lock: .venv/.dev ## Make requirements/*.txt from setup.cfg; ARGS=--upgrade takes newer versions
	@$(COMPILE) --extra dev --output-file requirements/dev.txt
	@for extra in api bot infra monitor operations; do \
		$(COMPILE) --extra $$extra --constraint requirements/dev.txt --output-file requirements/$$extra.txt || exit 1; \
	done
	@$(COMPILE) --extra emulator --output-file requirements/emulator.txt
	@$(COMPILE) --extra lambda --output-file requirements/lambda.txt
	@$(COMPILE) --extra scan --output-file requirements/scan.txt
	@rm -rf sparta.egg-info

clean: ## Remove all that the other verbs made: build, environments, caches
	@rm -rf build .venv .venv-emulator .venv-lambda .venv-scan .coverage .coverage.* htmlcov sparta.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call make_venv,folder): with the first usable Python.
define make_venv
@for python in $(PYTHON); do \
	if "$$python" -c '$(USABLE)' >/dev/null 2>&1; then exec "$$python" -m venv --clear $(1); fi; \
done; \
echo "No usable Python 3.11, 3.12 or 3.13 (with venv) among: $(PYTHON). Install one, or name yours:" \
	"make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1
endef

# $(call install,python,lock): and note it, so that the next run asks pip only when the lock has changed.
define install
@echo "Installing $(2) ..."
@$(1) $(PIP_INSTALL) $(2)
@touch $@
endef

$(VENV_PYTHON):
	$(call make_venv,.venv)

.venv-scan/bin/python:
	$(call make_venv,.venv-scan)

$(EMULATOR_PYTHON):
	$(call make_venv,.venv-emulator)

# With the Python of the tests, which choose compiled packages for it.
$(LAMBDA_PYTHON): | $(VENV_PYTHON)
	@$(VENV_PYTHON) -m venv --clear .venv-lambda

.venv/.infra: requirements/infra.txt | $(VENV_PYTHON)
	$(call install,$(VENV_PYTHON),requirements/infra.txt)

.venv/.operations: requirements/operations.txt .venv/.infra | $(VENV_PYTHON)
	$(call install,$(VENV_PYTHON),requirements/operations.txt)

.venv/.api: requirements/api.txt .venv/.operations | $(VENV_PYTHON)
	$(call install,$(VENV_PYTHON),requirements/api.txt)

.venv/.bot: requirements/bot.txt .venv/.api | $(VENV_PYTHON)
	$(call install,$(VENV_PYTHON),requirements/bot.txt)

# After the others', so that `make -j template test` never runs two pips in one environment.
.venv/.dev: requirements/dev.txt .venv/.bot | $(VENV_PYTHON)
	$(call install,$(VENV_PYTHON),requirements/dev.txt)

.venv-emulator/.emulator: requirements/emulator.txt | $(EMULATOR_PYTHON)
	$(call install,$(EMULATOR_PYTHON),requirements/emulator.txt)

.venv-lambda/.lambda: requirements/lambda.txt | $(LAMBDA_PYTHON)
	$(call install,$(LAMBDA_PYTHON),requirements/lambda.txt)

.venv-scan/.scan: requirements/scan.txt | .venv-scan/bin/python
	$(call install,.venv-scan/bin/python,requirements/scan.txt)
