# Two commands on a fresh machine:
#   make run FOLDER=path   make the environment, install, open the window on that folder
#   make test              environment, lint, types, layer contracts, tests
# The work is in packaging/tasks.py, so that Windows has the same commands without make.

.PHONY: help run test checks bundle clean
.DEFAULT_GOAL := help

export FOLDER

# The user's own python3 where it will do, else the newest that will; each is tried, because some
# names lead nowhere, and Debian's Python may come without venv.
TASKS = \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
			>/dev/null 2>&1; then \
			exec $$python packaging/tasks.py $(1); \
		fi; \
	done; \
	echo "Culler needs Python 3.11, 3.12 or 3.13 with its venv module, and found none." \
		"Debian, Ubuntu: sudo apt install python3 python3-venv. macOS: brew install python@3.13." >&2; \
	exit 1

help:
	@echo "make run FOLDER=path   open Culler on a folder of photos (installs it into .venv first)"
	@echo "make test              lint, types, layer contracts, tests"
	@echo "make checks            the same without the tests"
	@echo "make bundle            a stand-alone program in dist/culler"
	@echo "make clean             remove the environment and everything built"

run:
	@$(call TASKS,run "$$FOLDER")

test:
	@$(call TASKS,test)

checks:
	@$(call TASKS,checks)

bundle:
	@$(call TASKS,bundle)

clean:
	@$(call TASKS,clean)
