# The two commands of the README: `make serve` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := data
export QA_DATA ?= $(DATA)

.DEFAULT_GOAL := help
.PHONY: help serve test check format browser postgres clean

help:
	@echo "make serve   install, index seeds/ and serve the chat page"
	@echo "make test    install and run all checks and tests, browser tests included"
	@echo "make format  put the code into its standard form"
	@echo "make clean   remove the virtual environment (the library in $(QA_DATA)/ stays)"

# Two processes, each with whole files: many tests wait for a server, a browser or a clock. In the
# order of their names, so that the slow ones do not all come last.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Stamps: installing again only when the pinned versions change.
$(VENV)/.installed: requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed; {sys.executable} is {v.major}.{v.minor}. Try: make PYTHON=python3.11")'
	@echo "Installing into $(VENV)/ (once; 2 GB on disk, a minute or more) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements-mcp.txt requirements-scale.txt $(VENV)/.installed
	@echo "Installing the tools for tests ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@

# .seeding stands while seeds/ are indexed, so that an interrupted first start is made good.
serve: $(VENV)/.installed
	@if [ ! -f $(QA_DATA)/library.sqlite3 ] || [ -f $(QA_DATA)/.seeding ]; then \
	  mkdir -p $(QA_DATA) && touch $(QA_DATA)/.seeding && \
	  $(BIN)/python -m qa index add seeds && rm $(QA_DATA)/.seeding; fi
	@$(BIN)/python -m qa serve

test: check browser postgres
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

browser: $(VENV)/.installed-dev
	@$(BIN)/python tests/browser/find_chromium.py

postgres: $(VENV)/.installed-dev
	@$(BIN)/python tests/postgres.py

clean:
	rm -rf $(VENV)
