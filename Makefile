# Each command sets itself up in .venv. It needs make, and Python 3.10 or later with venv.

PYTHON ?= python3
bin := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

# Nothing of yours is changed, and nothing of yours changes what is drawn: settings and caches stay in .venv.
export IPYTHONDIR := $(CURDIR)/.venv/var/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/var/jupyter
export JUPYTER_DATA_DIR := $(CURDIR)/.venv/var/jupyter
export JUPYTER_PREFER_ENV_PATH := 1
export MPLCONFIGDIR := $(CURDIR)/.venv/var/matplotlib
unexport JUPYTER_PATH JUPYTER_CONFIG_PATH JUPYTER_RUNTIME_DIR MATPLOTLIBRC MPLBACKEND

.PHONY: help demo test test-quick docs preview book handout prepare bench clean

help:
	@echo 'make demo     train a network on two moons, and draw what it learned'
	@echo 'make test     run every notebook and every test'
	@echo 'make test-quick   no notebook, and no test that takes long: for the time between two edits'
	@echo 'make docs     build the site into _docs'
	@echo 'make preview  build the site, and serve it on this machine'
	@echo 'make book     open the notebooks in JupyterLab'
	@echo 'make handout  the exercises as a notebook without answers, and one with them, in _handout'
	@echo 'make prepare  after a change: export, execute, clean, README, CONTRIBUTING'
	@echo 'make bench    time this package beside others'
	@echo 'make clean    remove what the commands above have made'

demo: .venv/demo
	$(bin)/micrograd demo

# Another seed for hashes than the stored outputs were made with: what is shown may not depend on one.
test: .venv/dev
	$(bin)/ruff check
	{ $(bin)/mypy && $(bin)/python tools/unchanged.py; } & files=$$!; PYTHONHASHSEED=12345 $(bin)/python tools/nbdev_test.py; shown=$$?; wait $$files && exit $$shown
	$(bin)/python -m pytest --numprocesses 2

test-quick: .venv/dev
	$(bin)/ruff check
	$(bin)/mypy
	$(bin)/python -m pytest --numprocesses 2 -m 'not slow'

docs: .venv/dev
	$(bin)/python tools/docs.py

PORT ?= 8000
preview: docs
	@echo 'Open http://localhost:$(PORT) in a browser; Ctrl-C ends it'
	@$(bin)/python -m http.server --bind 127.0.0.1 --directory _docs $(PORT) || test $$? = 130

book: .venv/book
	$(bin)/jupyter lab nbs

handout: .venv/dev
	$(bin)/python tools/handout.py _handout

prepare: .venv/dev
	$(bin)/nbdev_export
	$(bin)/jupyter execute --inplace nbs/*.ipynb nbs/*/*.ipynb
	$(bin)/nbdev_clean
	$(bin)/python tools/readme.py

bench: .venv/dev
	$(bin)/python bench/compare.py --save
	$(bin)/python bench/compiled.py --save
	$(bin)/python bench/sizes.py --save
	$(bin)/python bench/threads.py --save
	$(bin)/python bench/graphs.py --save
	$(bin)/python bench/many.py --save
	$(bin)/python bench/tables.py --save
	$(bin)/python tools/docs.py
	$(bin)/python bench/live.py --save
	$(bin)/jupyter execute --inplace nbs/how_fast.ipynb nbs/jit.ipynb nbs/shards.ipynb nbs/jit/training.ipynb
	$(bin)/nbdev_clean

clean:
	rm -rf .venv build dist *.egg-info _proc _docs _handout micrograd-demo bench/.peers .pytest_cache .hypothesis .mypy_cache .ruff_cache

.venv/demo: .venv/ready settings.ini setup.py pyproject.toml
	$(bin)/python -m pip install --quiet --editable '.[viz]'
	@touch $@

.venv/book: .venv/ready settings.ini setup.py pyproject.toml
	$(bin)/python -m pip install --quiet --editable '.[book]'
	@touch $@

.venv/dev: .venv/ready settings.ini setup.py pyproject.toml
	$(bin)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# A .venv that was copied here, or made by another Python, is made anew.
made_for := $(PYTHON) $(shell $(PYTHON) -V 2>&1) $(CURDIR)
ifneq "$(shell test -x $(bin)/python && cat .venv/ready 2>/dev/null)" "$(made_for)"
.PHONY: .venv/ready
endif

.venv/ready:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "There is no $(PYTHON) here; Python 3.10 or later is needed. To choose another: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or later is needed, but $(PYTHON) is $$($(PYTHON) -V 2>&1). To choose another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || \
	  { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "$(made_for)" > $@
