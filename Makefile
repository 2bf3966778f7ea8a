# Every command a developer needs. `make` alone lists them.
PYTHON ?= python3
PORT ?=
N ?= 10000
MINUTES ?= 30
ARGS ?=
WORKERS ?= auto
VENV := .venv/bin
SPREAD = -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help run install dev test test-slow lint fmt docs care bench bench-forecast soak screenshots lock clean

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: ## Install what is missing, load data, start the dashboard (PORT=8502 moves it)
	@PORT=$(PORT) $(PYTHON) scripts/run.py

install: ## Create .venv with the locked requirements, and stop there
	@$(PYTHON) scripts/environment.py

dev: ## The same, with the tools of a developer
	@$(PYTHON) scripts/environment.py --dev

test: dev ## Everything but the slow tests (ARGS="-k words" narrows, WORKERS=0 is one process)
	@sh scripts/test_services.sh
	@$(VENV)/python -m pytest -m "not slow" $(SPREAD) $(ARGS)

test-slow: dev ## The slow lane: what takes long, and the further cases of long tables (ARGS, WORKERS as above)
	@sh scripts/test_services.sh
	@$(VENV)/python -m pytest -m slow $(SPREAD) $(ARGS)

lint: dev ## Format, style, types, imports: what CI checks
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports

fmt: dev ## Put every file into shape
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

care: dev ## Licences, secrets in the tree, how large each part is, and advisories (or that they were not checked)
	@$(VENV)/python scripts/care.py licences
	@$(VENV)/python scripts/care.py secrets
	@$(VENV)/python scripts/sizes.py
	@$(VENV)/python scripts/care.py advisories

docs: dev ## Write the pages that come from the code: settings, metrics, exports
	@$(VENV)/python scripts/document_settings.py
	@$(VENV)/python -m analytics.document
	@$(VENV)/python -m analytics.document_exports

bench: dev ## Measure speed on N generated conversations (make bench N=100000)
	@$(VENV)/python -m bench --n $(N) $(ARGS)

bench-forecast: dev ## Hold forecasts, anomalies and causes against their bars, AutoETS beside (ARGS="--series 20 --nn5 DIR --nab DIR")
	@$(VENV)/python -m bench.quality --rival $(ARGS)

soak: dev ## Sources that change, 20 sessions, alerts and a worker that is killed, for MINUTES=30; exit 1 when anything is wrong
	@$(VENV)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

screenshots: dev ## Take the pictures in docs/ from a real browser
	@$(VENV)/python scripts/screenshots.py $(ARGS)

lock: dev ## Resolve requirements.txt and requirements-dev.txt again, exactly
	@$(VENV)/python scripts/lock.py

clean: ## Remove caches and the environment; the data in data/var stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis bench/results.json bench/.dlt-env bench/.forecast-env
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
