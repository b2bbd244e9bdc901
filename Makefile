# The project's verbs. Each sets up what it needs in this checkout and is quick the second time.
# Written for GNU make 3.81 and later (macOS ships 3.81).

# The Pythons to try, in this order; name yours with `make <verb> PYTHON=/path/to/python3.12`.
PYTHON ?= python3.13 python3.12 python3.11 python3
# More arguments for the command behind a verb: make test ARGS="-k network", make lock ARGS=--upgrade
ARGS ?=

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

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help template package test coverage lint format docs api bot devnet bench scan snapshots lock clean cost bootstrap changeset backup backups restore putback export migrate migrations secrets secret rotate difference scale restart stop disable logs errors metrics audit drift troubleshoot deploy release rollback destroy verify

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

template: .venv/.infra ## Write build/templates/*.yaml and check them: cfn-lint and our own rules, each environment
	@$(VENV_PYTHON) -m templates build

package: | $(VENV_PYTHON) ## Write build/lambda/<function>.zip for AWS Lambda, the same bytes every time
	@$(VENV_PYTHON) -m scripts.package $(ARGS)

difference: .venv/.operations ## Show what changes between two folders of templates, without AWS: BASE=<templates before>
	@$(VENV_PYTHON) -m scripts difference $(ARGS)

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

bootstrap: .venv/.operations ## Make what comes before everything else, once per environment: ENV=staging
	@$(VENV_PYTHON) -m scripts bootstrap $(ARGS)

changeset: .venv/.operations ## Show what a deployment would change and leave it ready, executing nothing: ENV=staging
	@$(VENV_PYTHON) -m scripts changeset $(ARGS)

api: .venv/.api ## Serve the REST API, by the settings of .env and the environment
	@.venv/bin/gunicorn 'sparta.api:create_app()' $(ARGS)

bot: .venv/.bot ## Run the Discord bot, by the settings of .env and the environment
	@$(VENV_PYTHON) -m sparta.bot $(ARGS)

devnet: .venv/.dev ## Start DynamoDB, an EVM with the contracts and a stand-in Aztec node; writes build/devnet.env
	@$(VENV_PYTHON) -m scripts.devnet $(ARGS)

cost: .venv/.operations ## Estimate what an environment costs a month, beside its bill: ENV=production MONTH=2026-10
	@$(VENV_PYTHON) -m scripts cost $(ARGS)
backup: .venv/.operations ## Save every table now: ENV=production
	@$(VENV_PYTHON) -m scripts backup $(ARGS)

backups: .venv/.operations ## List the backups there are, newest first: ENV=production
	@$(VENV_PYTHON) -m scripts backups $(ARGS)

restore: .venv/.operations ## Restore a backup into a new table: TABLE=operators or BACKUP=<name>
	@$(VENV_PYTHON) -m scripts restore $(ARGS)

putback: .venv/.operations ## Write a restored table's items into the one in use: TABLE=operators SOURCE=<table>
	@$(VENV_PYTHON) -m scripts putback $(ARGS)

export: .venv/.operations ## Write the tables as files into the bucket for backups: ENV=production
	@$(VENV_PYTHON) -m scripts export $(ARGS)

migrate: .venv/.operations ## Bring the data to the form this version wants: DRY_RUN=1 shows what would change
	@$(VENV_PYTHON) -m scripts migrate $(ARGS)

migrations: .venv/.operations ## List the migrations and which are applied: ENV=production
	@$(VENV_PYTHON) -m scripts migrations $(ARGS)

secrets: .venv/.operations ## Show what is known of the secrets, never a value: ENV=production
	@$(VENV_PYTHON) -m scripts secrets $(ARGS)

secret: .venv/.operations ## Set a secret from a prompt or standard input: NAME=bot-token
	@$(VENV_PYTHON) -m scripts secret $(ARGS)

rotate: .venv/.operations ## Rotate the API's key now and watch it: NAME=api-key
	@$(VENV_PYTHON) -m scripts rotate $(ARGS)
scale: .venv/.operations ## Run more or fewer tasks: SERVICE=api COUNT=3
	@$(VENV_PYTHON) -m scripts scale $(ARGS)

restart: .venv/.operations ## Replace a service's tasks by new ones: SERVICE=api
	@$(VENV_PYTHON) -m scripts restart $(ARGS)

stop: .venv/.operations ## Stop one task, which ECS replaces: TASK=<id> REASON=<why>; lists them without TASK
	@$(VENV_PYTHON) -m scripts stop $(ARGS)

disable: .venv/.operations ## Switch the Discord bot off at once
	@$(VENV_PYTHON) -m scripts disable $(ARGS)

logs: .venv/.operations ## Show a component's log: COMPONENT=api SINCE=10m FOLLOW=1 FILTER=<words>
	@$(VENV_PYTHON) -m scripts logs $(ARGS)

errors: .venv/.operations ## Find the errors of every component, grouped: SINCE=1h
	@$(VENV_PYTHON) -m scripts errors $(ARGS)

metrics: .venv/.operations ## Show the key indicators beside their targets and alert thresholds
	@$(VENV_PYTHON) -m scripts metrics $(ARGS)

audit: .venv/.operations ## Find what is open, public, unrotated or unwatched, and show what each role may do
	@$(VENV_PYTHON) -m scripts audit $(ARGS)

drift: .venv/.operations ## Show what differs from the templates, in every stack
	@$(VENV_PYTHON) -m scripts drift $(ARGS)

troubleshoot: .venv/.operations ## Gather what explains a failure: CASE=tasks, database or monitor
	@$(VENV_PYTHON) -m scripts troubleshoot $(ARGS)
deploy: .venv/.operations ## Execute the change set that was prepared, watch it and verify: ENV=staging
	@$(VENV_PYTHON) -m scripts deploy $(ARGS)

release: .venv/.operations ## Run another image by digest: ENV=staging IMAGE=<repository>@sha256:<digest>
	@$(VENV_PYTHON) -m scripts release $(ARGS)

rollback: .venv/.operations ## Put back what was deployed before; SERVICE=api the image alone: ENV=staging
	@$(VENV_PYTHON) -m scripts rollback $(ARGS)

destroy: .venv/.operations ## Take a system down, after backups, keeping what holds data: ENV=staging
	@$(VENV_PYTHON) -m scripts destroy $(ARGS)

verify: .venv/.operations ## Look whether everything works, as one table: ENV=staging
	@$(VENV_PYTHON) -m scripts verify $(ARGS)

snapshots: .venv/.dev ## Record the emitted templates anew, for review in the diff
	@$(VENV_PYTHON) -m pytest tests/templates --snapshot-update $(ARGS)

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
