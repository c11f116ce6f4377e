# make alone lists the targets. Every target makes the environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STRICT := .earshot/strict-engine
READERS := .earshot/readers
TRAINER := .earshot/trainer
# A CPU build: TORCH_INDEX names the index that has it, or TORCH a wheel; docs/training.md says more.
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
AIRFLOW := .earshot/airflow
PAGE_TESTS := .earshot/page-tests
BEAM := .earshot/beam
DOCS := .earshot/docs-environment
PYTHON313 ?= python3.13
comma := ,
FUNCTIONS := scraper downloader analyser tagger committer listener
ENV    ?= prod
TFVARS  = terraform/environments/$(ENV).tfvars
REGION  = $(shell sed -n 's/^ *region *= *"\(.*\)".*/\1/p' $(TFVARS) 2>/dev/null)
RELEASE ?= $(shell date -u +%Y%m%d-%H%M%S)
PLATFORMS := linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64
COMMIT  = $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

.DEFAULT_GOAL := help
.PHONY: help extra demo test coverage docs test-slow chaos simulate strict-engine test-export test-airflow test-beam test-trainer test-page screenshots models check format lock columns measures bench bench-measures mutants bench-detectors bench-copies bench-discovery bench-downloads bench-stack bench-page bench-tags eval-tags eval-real listen fuzz clean \
  project check-terraform lock-providers bootstrap secret plan apply deploy rollback smoke accept logs destroy

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# One rule for all environments: uv makes them where it is on PATH, else a venv with a pip of one version.
PIP := 25.3
UV  := $(shell command -v uv 2>/dev/null)

# Folder, Python, size.
define make_environment
	@echo "Making the environment $(1) with $(if $(UV),uv,pip $(PIP)): $(3)"
	@rm -rf $(1)
	@$(if $(UV),$(UV) venv --quiet --python $(2) $(1),$(2) -m venv $(1) && $(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile pip==$(PIP) && $(1)/bin/python -m pip uninstall --quiet --quiet --yes setuptools)
endef

# Folder, what to install; prints what it does.
define install
	$(if $(UV),$(UV) pip install --python $(1)/bin/python,$(1)/bin/python -m pip install --disable-pip-version-check) $(2)
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "earshot needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 demo"; exit 1; }
	$(call make_environment,$(VENV),$(PYTHON),500 MB for the demo$(comma) 1.6 GB with all extras and tests)

# What the demo needs and no more: packages by the lock, and of wheels not what no code here loads (80 of 545 MiB):
# test suites, C++ headers, Cython sources, Arrow Flight, tools of onnxruntime, and libraries that are there twice.
UNLOADED := numpy/*/tests numpy/tests numpy/distutils pyarrow/tests pyarrow/include pyarrow/src pyarrow/_flight* pyarrow/libarrow_flight* \
  pyarrow/libarrow_python_flight* pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.*.* pyarrow/*.px? pyarrow/includes/*.pxd av/*.pyx av/*/*.pyx \
  onnxruntime/capi/libonnxruntime.so.* onnxruntime/transformers onnxruntime/quantization onnxruntime/tools

$(BIN)/.demo: pyproject.toml functions/local-requirements.txt | $(BIN)/python
	$(call install,$(VENV),--no-deps --no-compile --requirement functions/local-requirements.txt)
	$(call install,$(VENV),--no-deps --editable .)
	@cd "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" && rm -rf $(UNLOADED)
	@touch $@

# Everything: all extras, and what the tests need.
$(BIN)/.ready: pyproject.toml tests/requirements.txt functions/tagger/models.txt | $(BIN)/python
	$(call install,$(VENV),--requirement tests/requirements.txt)
	$(call install,$(VENV),--no-deps --requirement functions/tagger/models.txt)
	$(call install,$(VENV),--no-deps --editable .)
	@touch $(BIN)/.demo $@

extra: $(BIN)/.demo ## Add extras of the package to the demo's environment: NAME=exporter,transcode (pyproject.toml lists them)
	@test -n "$(NAME)" || { echo "Which extra? Add NAME=…: $$(sed -n '/^\[project.optional/,/^\[dep/s/^\([a-z]*\) = \[.*/\1/p' pyproject.toml | tr '\n' ' ')silero"; exit 1; }
	$(call install,$(VENV),$(if $(filter silero,$(NAME)),--no-deps --requirement functions/tagger/models.txt,--editable ".[$(NAME)]"))

demo: $(BIN)/.demo ## The whole chain on local emulators: a page goes in, rows come out (PAGE=https://… for yours)
	$(BIN)/earshot demo $(if $(PAGE),--page $(PAGE))

test: $(BIN)/.ready ## All tests but the slow ones, on real local servers
	$(BIN)/python -m pytest -m "not slow and not strict_engine and not readers and not airflow and not beam and not trainer and not page"

coverage: $(BIN)/.ready ## All tests but the slow ones, with branch coverage printed by module
	$(BIN)/python -m pytest -m "not slow and not strict_engine and not readers and not airflow and not beam and not trainer and not page" --cov --cov-report=term

test-slow: $(BIN)/.ready ## The tests that take minutes
	$(BIN)/python -m pytest -m slow

chaos: $(BIN)/.ready ## Five seeds of faults and kills against a run without faults: no row may differ (CHAOS="--seeds 1 --links 20")
	$(BIN)/python -m tests.chaos $(CHAOS)

simulate: $(BIN)/.ready ## The write path at up to 100 million rows: rows a second, freshness, USD (SIMULATE="--rows-per-s 10")
	PYTHONPATH=. $(BIN)/python -m tests.simulation $(SIMULATE)

$(STRICT)/.ready: Makefile
	$(call make_environment,$(STRICT),$(PYTHON313),400 MB)
	$(call install,$(STRICT),local-bigquery==0.3.2 duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-ducklake==1.5.5 duckdb-extension-icu==1.5.5 duckdb-extension-spatial==1.5.5)
	$(STRICT)/bin/python -c "from duckdb_extensions import import_extension as add; add('ducklake'); add('icu'); add('spatial')"
	@touch $@

strict-engine: $(BIN)/.ready $(STRICT)/.ready ## Tests on the second, stricter BigQuery engine (needs a Python 3.13: PYTHON313=…)
	EARSHOT_STRICT_ENGINE=$(STRICT)/bin/local-bigquery $(BIN)/python -m pytest -m strict_engine

$(READERS)/.ready: tests/readers.txt
	$(call make_environment,$(READERS),$(PYTHON),5.6 GB)
	$(call install,$(READERS),--requirement tests/readers.txt)
	@touch $@

test-export: $(BIN)/.ready $(READERS)/.ready ## Exports opened by datasets, Lhotse, webdataset and mlcroissant (an environment of 5.6 GB)
	EARSHOT_READERS=$(abspath $(READERS)/bin/python) $(BIN)/python -m pytest -m readers

$(AIRFLOW)/.ready: functions/conductor/requirements.txt
	$(call make_environment,$(AIRFLOW),$(PYTHON),600 MB)
	$(call install,$(AIRFLOW),--requirement functions/conductor/requirements.txt)
	@touch $@

test-airflow: $(BIN)/.ready $(AIRFLOW)/.ready ## The DAG, parsed and run by Airflow against the local stack (an environment of its own)
	EARSHOT_AIRFLOW=$(abspath $(AIRFLOW)/bin/python) $(BIN)/python -m pytest -m airflow

$(BEAM)/.ready: functions/pipelines/requirements.txt
	$(call make_environment,$(BEAM),$(PYTHON),1.3 GB)
	$(call install,$(BEAM),--requirement functions/pipelines/requirements.txt)
	$(call install,$(BEAM),--no-deps --editable .)
	@touch $@

test-beam: $(BIN)/.ready $(BEAM)/.ready ## Exports and features by Apache Beam, byte by byte against those of one process (an environment of its own)
	EARSHOT_BEAM=$(abspath $(BEAM)/bin/python) $(BIN)/python -m pytest -m beam

$(TRAINER)/.ready: tests/trainer.txt
	$(call make_environment,$(TRAINER),$(PYTHON),1.7 GB)
	$(call install,$(TRAINER),$(TORCH) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)))
	$(call install,$(TRAINER),--requirement tests/trainer.txt)
	$(call install,$(TRAINER),--no-deps --editable .)
	@touch $@

test-trainer: $(TRAINER)/.ready ## The trainer's tests: each network trains for two epochs, and its graph agrees with it (an environment of 1.7 GB)
	$(TRAINER)/bin/python -m pytest -q --noconftest -p no:cacheprovider tests/trainer

$(PAGE_TESTS)/.ready: tests/page/requirements.txt
	$(call make_environment,$(PAGE_TESTS),$(PYTHON),130 MB)
	$(call install,$(PAGE_TESTS),--requirement tests/page/requirements.txt)
	@touch $@

# Needs Chromium: Debian's package chromium, or EARSHOT_CHROMIUM=program.
PAGE_PYTEST = EARSHOT_PROGRAM=$(abspath $(BIN)/earshot) $(PAGE_TESTS)/bin/python -m pytest -c tests/page/pytest.ini --rootdir tests/page --confcutdir tests/page

test-page: $(BIN)/.ready $(PAGE_TESTS)/.ready ## The page in a browser: corpus, recording, corrections, upload, microphone, axe (an environment of its own)
	$(PAGE_PYTEST) tests/page

screenshots: $(BIN)/.ready $(PAGE_TESTS)/.ready ## Draw docs/images/page-*.png from the demo's recordings, in light and dark
	EARSHOT_PROGRAM=$(abspath $(BIN)/earshot) $(PAGE_TESTS)/bin/python tests/page/screenshots.py docs/images

# Recorded notes, CC-BY-3.0 of sources in the public domain; Debian's package npm fetches them.
SAMPLES := .earshot/training/samples
NOTES   := bass-electric@1.1.2 cello@1.1.1 clarinet@1.1.2 flute@1.1.2 guitar-acoustic@1.1.2 guitar-electric@1.1.1 guitar-nylon@1.1.1 \
  organ@1.1.1 piano@1.1.2 saxophone@1.1.2 trumpet@1.1.2 violin@1.1.1 xylophone@1.1.2

$(SAMPLES)/.ready:
	@mkdir -p $(SAMPLES)
	npm install --prefix $(SAMPLES) --no-save --no-audit --no-fund --ignore-scripts --legacy-peer-deps $(foreach note,$(NOTES),tonejs-instrument-$(subst @,-mp3@,$(note)))
	@touch $@

models: $(TRAINER)/.ready $(SAMPLES)/.ready ## Make the models that ship again: synthetic audio, training, figures on the real recordings that are installed
	$(TRAINER)/bin/python -m earshot.training.default_models

check: $(BIN)/.ready ## Format, lint, docstrings, types, layers, spelling, dead code
	$(BIN)/ruff format --check functions tests terraform
	$(BIN)/ruff check functions tests terraform
	$(BIN)/mypy
	$(BIN)/mypy terraform/plan_gate.py
	@for function in $(FUNCTIONS); do echo "mypy functions/$$function/main.py"; $(BIN)/mypy functions/$$function/main.py || exit 1; done
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md docs functions tests terraform Makefile Dockerfile cloudbuild.yaml .github
	$(BIN)/vulture

# Extras of the demo, and dependencies of them that it never imports: with --no-deps they are not installed.
DEMO := scraper downloader analyser tagger committer listener cli local
UNUSED := speechmos alembic sqlalchemy mako grpcio-tools uvloop httptools watchfiles setuptools fastavro opentelemetry-exporter-otlp \
  opentelemetry-exporter-otlp-proto-common opentelemetry-exporter-otlp-proto-grpc opentelemetry-exporter-otlp-proto-http

format: $(BIN)/.ready ## Format the code and sort its imports
	$(BIN)/ruff check --fix functions tests
	$(BIN)/ruff format functions tests

lock: $(BIN)/.ready ## Write the functions' locked, hashed requirements from pyproject.toml
	@for function in $(FUNCTIONS); do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate --extra $$function pyproject.toml --output-file functions/$$function/requirements.txt; \
	done
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --no-annotate --all-extras pyproject.toml --output-file tests/requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --no-annotate --extra cli pyproject.toml --output-file terraform/requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --no-annotate $(DEMO:%=--extra %) $(UNUSED:%=--no-emit-package %) pyproject.toml \
	  --constraint tests/requirements.txt --output-file functions/local-requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
	  --extra trainer --group networks pyproject.toml --output-file functions/trainer/requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
	  --extra trainer --group networks --group trainer-tests pyproject.toml --constraint functions/trainer/requirements.txt --output-file tests/trainer.txt
	@for group in page:tests/page/requirements.txt readers:tests/readers.txt docs:tests/docs.txt conductor:functions/conductor/requirements.txt pipelines:functions/pipelines/requirements.txt; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --no-annotate --group $${group%%:*} --output-file $${group##*:}; \
	done

$(DOCS)/.ready: tests/docs.txt
	$(call make_environment,$(DOCS),$(PYTHON),150 MB)
	$(call install,$(DOCS),--requirement tests/docs.txt)
	@touch $@

docs: $(BIN)/.ready $(DOCS)/.ready ## The pages and the API reference as a site in .earshot/docs; a dead link or an undocumented name fails
	$(BIN)/python tests/build_docs.py $(DOCS)/bin/mkdocs

columns: $(BIN)/.ready ## Write docs/columns.md from the schema files
	$(BIN)/earshot columns --markdown > docs/columns.md

measures: $(BIN)/.ready ## Write the truth table in docs/measures.md from the tests
	$(BIN)/python tests/truths.py

bench-downloads: $(BIN)/.ready ## Downloads a second at parallelism 1, 8 and 32, and memory by file size, against a local server
	PYTHONPATH=. $(BIN)/python tests/bench/downloads.py

bench-discovery: $(BIN)/.ready ## Recall and precision of the scraper beside a naive rule; pages a second and core; lists of a million lines
	PYTHONPATH=. $(BIN)/python tests/bench/discovery.py
	PYTHONPATH=. $(BIN)/python tests/bench/lists.py

bench: bench-measures bench-discovery bench-downloads bench-stack bench-page ## All benches, one after the other: a quarter of an hour on an idle machine

bench-measures: $(BIN)/.ready ## Speed and memory of the measures, as ratios to naive scripts in the same run (FOLDERS=real files)
	$(BIN)/python tests/bench/audio.py
	$(BIN)/python tests/bench/short_clips.py $(FOLDERS)

bench-detectors: $(BIN)/.ready ## Found and false alarms of the detectors on your own clean recordings (FOLDERS="speech music")
	$(BIN)/python tests/bench/real_files.py $(FOLDERS)
	$(BIN)/python tests/bench/fake_rates.py $(wordlist 2,99,$(FOLDERS))
	$(BIN)/python tests/bench/channel_faults.py $(wordlist 2,99,$(FOLDERS))

bench-copies: $(BIN)/.ready ## Encodings of real pieces that are found to be copies, and different pieces that are joined (FOLDERS="music speech")
	PYTHONPATH=. $(BIN)/python tests/bench/copies.py $(FOLDERS)

mutants: $(BIN)/.ready ## Changes to a sample of the code that no test notices, by cosmic-ray (MUTANTS="--count 30 --only consent")
	$(BIN)/uv pip install -q -p $(BIN)/python "cosmic-ray>=8.7,<9"
	$(BIN)/python tests/mutants.py $(MUTANTS)

eval-audio: $(BIN)/.ready ## Decoding against the system's ffmpeg and ffprobe on your own files, which must be there (FILES=folder)
	$(BIN)/python tests/bench/against_ffmpeg.py $(FILES)
bench-tags: $(BIN)/.ready ## CPU time of an hour, memory and live delay of the tagger (TAGS="--backend silero")
	$(BIN)/python tests/bench/tags.py $(TAGS)
eval-tags: $(BIN)/.ready ## Backends of content on real recordings out of Debian packages, split by source (TAGS="--minutes 1")
	$(BIN)/python tests/eval/tags.py $(TAGS)
eval-real: $(BIN)/.ready $(SAMPLES)/.ready ## YAMNet on its published weights, and on recorded notes: make eval-real YAMNET=yamnet.h5
	EARSHOT_NOTES=$(SAMPLES)/node_modules $(BIN)/python tests/eval/yamnet.py $(YAMNET) $(TAGS)

listen: $(BIN)/.ready ## Hear the microphone: a line a decision, until Ctrl-C
	$(BIN)/earshot listen --mic

bench-page: $(BIN)/.ready ## The corpus page of 100,000 recordings: seconds and CPU of a first page, a facet, an order, a next page (ROWS=…)
	$(BIN)/python tests/bench/corpus_page.py --rows $(or $(ROWS),100000)

bench-stack: $(BIN)/.ready ## MERGEs a hundred rows, and files a second through the whole local stack (COUNTS="100 1000")
	$(BIN)/python tests/bench/commit.py
	$(BIN)/python tests/bench/throughput.py $(COUNTS)

fuzz: $(BIN)/.ready ## Damage files at random and measure them; time the scraper on mixtures of hostile pieces (SECONDS=60 SEED=1)
	$(BIN)/python tests/fuzz.py --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)
	PYTHONPATH=. $(BIN)/python tests/discovery/mixtures.py --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)

clean: ## Remove the environment and the local state
	rm -rf $(VENV) .earshot

# The cloud. Each target prints what it does and roughly costs before it does it; docs/deploy.md is the guide. What a
# deployment consists of is in terraform/environments/ENV.tfvars, its region too: what holds data does not move.
project:
	@test -n "$(PROJECT)" || { echo "Which project? Add PROJECT=your-project-id"; exit 1; }
	@test -f $(TFVARS) || { echo "First: cp terraform/environments/example.tfvars $(TFVARS), and change it (ENV=… names another file)"; exit 1; }
	@grep -q '^ *project *= *"$(PROJECT)"' $(TFVARS) || { echo "$(TFVARS) is not of $(PROJECT): its project is another. ENV=… names another file"; exit 1; }
	@test -n "$(REGION)" || { echo "$(TFVARS) names no region: add region = \"…\", the one that the project is deployed in"; exit 1; }
	@grep -q '^ *region *= *"$(REGION)"' $(TFVARS) || { echo "The region is read from $(TFVARS), which names another than $(REGION): leave REGION out"; exit 1; }

check-terraform: ## Terraform's format, and its checks and tests where the provider can be had
	terraform fmt -check -recursive terraform
	@for root in terraform/bootstrap terraform/table terraform; do \
	  if terraform -chdir=$$root init -backend=false -input=false >/dev/null 2>&1; \
	  then terraform -chdir=$$root validate && terraform -chdir=$$root test || exit 1; \
	  elif test -n "$(CI)"; then echo "$$root: the google provider cannot be had"; exit 1; \
	  else echo "$$root: the google provider cannot be had here, so validate and test are left out"; fi; \
	done

lock-providers: ## Write the newest allowed Terraform providers, with checksums for five platforms, into the lock files of both roots
	@for root in terraform terraform/bootstrap; do \
	  terraform -chdir=$$root init -backend=false -input=false -upgrade && terraform -chdir=$$root providers lock $(PLATFORMS:%=-platform=%) || exit 1; \
	done

bootstrap: project ## Prepare an empty project, once: PROJECT=… [ENV=prod]
	@echo "Enables APIs in $(PROJECT) and makes accounts, grants, a registry, two buckets and an empty secret in $(REGION)."
	@echo "Costs a few cents a month for what is stored in the registry. Terraform asks before it begins."
	gcloud services enable --project=$(PROJECT) cloudresourcemanager.googleapis.com serviceusage.googleapis.com
	terraform/bootstrap/bootstrap.sh $(PROJECT) $(REGION) $(ENV)

secret: project ## Keep a Freesound key in Secret Manager (asks for it): PROJECT=…
	@echo "Adds a version to the secret freesound-token of $(PROJECT): about 0.06 USD a month. Not shown, not in the history."
	@printf 'Freesound key: '; stty -echo 2>/dev/null; read -r key; stty echo 2>/dev/null; echo; printf %s "$$key" \
	  | gcloud secrets versions add freesound-token --project=$(PROJECT) --data-file=- --format='value(name.basename())'
	@echo "Now set freesound_token_version to that number in $(TFVARS), and make deploy."

plan: project ## What a deployment of this configuration would change, with the images that run now: PROJECT=…
	@echo "Reads the state and the project; changes nothing and costs nothing. The plan is kept in .earshot/plan/$(ENV)."
	ALLOW=$(ALLOW) terraform/plan.sh $(PROJECT) $(ENV)

apply: project ## Apply the plan of `make plan`: PROJECT=…
	@echo "Applies .earshot/plan/$(ENV)/plan.tfplan to $(PROJECT); what it costs depends on what it makes: docs/deploy.md."
	@test -f .earshot/plan/$(ENV)/plan.tfplan || { echo "First: make plan PROJECT=$(PROJECT) ENV=$(ENV)"; exit 1; }
	ALLOW=$(ALLOW) python3 terraform/plan_gate.py .earshot/plan/$(ENV)/plan.json
	USER_PROJECT_OVERRIDE=true GOOGLE_BILLING_PROJECT=$(PROJECT) terraform -chdir=terraform apply -lock-timeout=5m ../.earshot/plan/$(ENV)/plan.tfplan
	rm -r .earshot/plan/$(ENV)

deploy: project ## Test and build in one Cloud Build, plan, apply and try in a second: PROJECT=… [ENV=prod] [ALLOW=destroy]
	@echo "Deploys this folder to $(PROJECT) in $(REGION), in about twenty minutes of Cloud Build: about 0.30 USD."
	gcloud beta builds submit --project=$(PROJECT) --region=$(REGION) --config=cloudbuild.yaml \
	  --substitutions=_REGION=$(REGION),_RELEASE=$(RELEASE),_COMMIT=$(COMMIT),_TORCH_INDEX=$(TORCH_INDEX) --gcs-source-staging-dir=gs://$(PROJECT)-earshot-build/source .
	gcloud beta builds submit --project=$(PROJECT) --region=$(REGION) --config=cloudbuild.deploy.yaml \
	  --substitutions=_REGION=$(REGION),_RELEASE=$(RELEASE),_ENV=$(ENV),_ALLOW=$(ALLOW) --gcs-source-staging-dir=gs://$(PROJECT)-earshot-build/source .

rollback: project ## Send the traffic of a function to one of its earlier revisions: PROJECT=… REVISION=analyser-00012-abc
	@test -n "$(REVISION)" || { echo "Which revision? gcloud run revisions list --project=$(PROJECT) --region=$(REGION) lists them. Add REVISION=…"; exit 1; }
	@echo "Sends all traffic of $(shell echo $(REVISION) | sed 's/-[0-9]*-[a-z0-9]*$$//') in $(PROJECT) to $(REVISION); costs nothing. The next make deploy tries a new revision against it."
	gcloud run services update-traffic $(shell echo $(REVISION) | sed 's/-[0-9]*-[a-z0-9]*$$//') --project=$(PROJECT) --region=$(REGION) --to-revisions=$(REVISION)=100

smoke: project $(BIN)/.demo ## Drop a tone into the bucket, wait for its row, remove both: PROJECT=…
	@echo "Puts one second of tone into gs://$(PROJECT)-earshot-audio and waits for its row: less than 0.01 USD."
	GOOGLE_CLOUD_PROJECT=$(PROJECT) $(BIN)/earshot smoke --cloud

accept: project $(BIN)/.ready ## Deploy, crawl, check rows, refusals, dead letters, alerts, rollback, and report: PROJECT=… PAGE=… [DESTROY=1]
	@echo "Deploys to $(PROJECT) and crawls one page: about 0.60 USD for two deployments and what the page's audio takes. Destroys only with DESTROY=1."
	$(BIN)/python tests/acceptance.py --project $(PROJECT) --env $(ENV) $(if $(PAGE),--page $(PAGE)) $(if $(DESTROY),--destroy)

logs: project ## Log lines of the functions and long crawls in the last hour: PROJECT=…
	gcloud logging read '(resource.type="cloud_run_revision" resource.labels.service_name=~"scraper|downloader|analyser|tagger|committer|listener") OR (resource.type="cloud_run_job" resource.labels.job_name=~"^crawl-")' \
	  --project=$(PROJECT) --freshness=1h --limit=200 --order=asc \
	  --format='table(timestamp.date("%H:%M:%S"),severity,resource.labels.service_name,resource.labels.job_name,jsonPayload.message,jsonPayload.audio_id,jsonPayload.reason,jsonPayload.detail)'

destroy: project ## Remove the deployment with all its audio and rows (asks twice): PROJECT=… [ENV=prod]
	@echo "Deletes services, topics, the bucket WITH EVERY FILE and the dataset WITH EVERY ROW of $(PROJECT). Ends all cost but bootstrap's."
	@echo "Soft delete is turned off first; what was deleted before that is billed until its week is over."
	@printf 'Type the project id to go on: '; read -r typed; test "$$typed" = "$(PROJECT)"
	terraform -chdir=terraform init -input=false -reconfigure -backend-config=bucket=$(PROJECT)-earshot-state -backend-config=prefix=earshot
	cd terraform && ./running_release.sh
	USER_PROJECT_OVERRIDE=true GOOGLE_BILLING_PROJECT=$(PROJECT) terraform -chdir=terraform apply -auto-approve -lock-timeout=5m \
	  -var-file=environments/$(ENV).tfvars -var=env=$(ENV) -var=deletion_protection=false -var=soft_delete_days=0
	USER_PROJECT_OVERRIDE=true GOOGLE_BILLING_PROJECT=$(PROJECT) terraform -chdir=terraform destroy -lock-timeout=5m \
	  -var-file=environments/$(ENV).tfvars -var=env=$(ENV) -var=deletion_protection=false -var=soft_delete_days=0
