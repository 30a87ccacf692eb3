# Each command sets itself up in .venv. It needs make, and Python 3.10 or later with venv.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export JUPYTER_PREFER_ENV_PATH := 1
unexport PYTHONPATH PYTHONHOME

.PHONY: help demo test prepare bench clean

help:
	@echo 'make demo     train a network on two moons, and draw what it learned'
	@echo 'make test     run every notebook and every test'
	@echo 'make prepare  after a change: export, execute, test, clean, README'
	@echo 'make bench    time this package beside others'
	@echo 'make clean    remove what the commands above have made'

demo: .venv/demo
	micrograd demo

test: .venv/dev
	nbdev_test
	python tools/unchanged.py
	pytest

prepare: .venv/dev
	nbdev_export
	jupyter execute --inplace nbs/*.ipynb
	nbdev_clean
	nbdev_test
	python tools/readme.py

bench: .venv/dev
	python bench/compare.py --save

clean:
	rm -rf .venv build dist *.egg-info _proc _docs micrograd-demo bench/.peers .pytest_cache .hypothesis

.venv/demo: .venv/ready settings.ini setup.py pyproject.toml
	python -m pip install --quiet --editable '.[viz]'
	@touch $@

.venv/dev: .venv/ready settings.ini setup.py pyproject.toml
	python -m pip install --quiet --editable '.[dev]'
	@touch $@

.venv/ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or later is needed, but $(PYTHON) is $$($(PYTHON) -V 2>&1). To choose another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || \
	  { echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@
