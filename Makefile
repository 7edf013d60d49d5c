SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
export PYTHON

VENV_PYTHON := .venv/bin/python
SCIMULT := .build/release/scimult
# The server as docs/deploy.md builds it, with Swift's library inside.
DEPLOYED := .build-static/release/scimult

# One set of flags for every build: with others, SwiftPM would compile each module a second time. Debug information would take
# an eighth of a build from nothing, and make the program three times as large; a backtrace names functions without it.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing -debug-info-format none

.PHONY: help setup build demo dist test test-integrations mesh deploy-check fault soak sanitize fuzz lint format docs \
	protos licenses bench bench-batch bench-exactness bench-experts bench-fairness bench-latency bench-python-client bench-servers bench-tokenizer \
	clean

help: ## Show this list
	@echo "SciMult Serve. Start with 'make demo'; before a commit, 'make lint test'."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: system packages (needs root), Python packages in .venv, Prometheus in .tools
	@scripts/setup.sh

build: setup ## Build the server and the tests, optimised (binary: .build/release/scimult)
	swift build $(SWIFT_FLAGS) --build-tests

demo: ## Rank real papers with a real model through a real server
	@scripts/setup.sh --demo
	swift build $(SWIFT_FLAGS) --product scimult
	$(VENV_PYTHON) scripts/demo.py --scimult $(SCIMULT) \
		--minilm "$$($(VENV_PYTHON) scripts/minilm_folder.py)" --expert Tests/Fixtures/tiny-expert

test: build ## Run every test: Swift, kernels of other CPUs, the Python client, and the real binary end to end
	SCIMULT_MINILM="$$($(VENV_PYTHON) scripts/minilm_folder.py)" swift test $(SWIFT_FLAGS) --skip-build
	scripts/setup.sh --cross
	scripts/check_kernels.sh
	$(VENV_PYTHON) -m pytest clients/python/tests
	$(VENV_PYTHON) -m pytest Tests/EndToEnd

test-integrations: setup ## Test the Python client with LangChain, MTEB, Ray, Spark, Qdrant, Parquet, and folders that sentence-transformers, adapters and peft save (3 GB); one: INTEGRATION_ARGUMENTS="-k ray"
	swift build $(SWIFT_FLAGS) --product scimult
	scripts/integrations.sh $(INTEGRATION_ARGUMENTS)

fault: setup ## Keep the promises of docs/reliability.md with their counts (up to an hour); one: FAULTS=test_cancels
	swift build $(SWIFT_FLAGS) --product scimult
	scripts/setup.sh --fault
	scripts/fault.sh $(FAULT_ARGUMENTS)

soak: setup ## Serve for MINUTES=30 with faults among the calls: memory must stay flat
	swift build $(SWIFT_FLAGS) --product scimult
	scripts/fault.sh -m soak --minutes $(or $(MINUTES),30) $(FAULT_ARGUMENTS)

dist: setup ## Make what runs without Swift, in dist/: an archive with the server and its service, and a Python wheel
	deploy/dist/build.sh

mesh: setup ## Run replicas behind Envoy, nginx and HAProxy (about 7 minutes); one: MESH=test_envoy_retries
	swift build $(SWIFT_FLAGS) --product scimult
	scripts/mesh.sh $(MESH_ARGUMENTS)

deploy-check: setup ## Check deploy/: image, service, package, chart, alerts, dashboard (all of it as root on Debian 12)
	deploy/check/run.sh $(DEPLOY_ARGUMENTS)

sanitize: setup ## Run the tests under ThreadSanitizer and AddressSanitizer
	scripts/sanitize.sh

fuzz: setup ## Feed what reads bytes of others with mutated ones: MINUTES=10
	MINUTES=$(or $(MINUTES),10) scripts/fuzz.sh

lint: setup ## Check style and that generated code is up to date
	@scripts/lint.sh

format: setup ## Rewrite the sources in the project's style
	swift format format -r -i -p Sources Tests Fuzz Benchmarks Package.swift
	scripts/c_sources.sh | xargs .venv/bin/clang-format -i
	"$$(.venv/bin/go env GOROOT)/bin/gofmt" -w Tests/EndToEnd/go-client clients/go
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format --quiet .

docs: setup ## Make pages of the Swift modules' declarations, in .build/docs
	scripts/docs.sh

protos: setup ## Generate the C, Python and Go code of Protos/
	scripts/generate_c_messages.sh
	scripts/generate_python_stubs.sh
	scripts/generate_go_stubs.sh

licenses: build ## List what the server and the Python client are built on, with versions and licences
	@$(VENV_PYTHON) scripts/licenses.py

bench: setup ## Compare the encoder's speed and exactness with what users would pick (about 40 minutes)
	swift build $(SWIFT_FLAGS) --product scimult
	Benchmarks/encoder/setup.sh
	.venv-bench/bin/python Benchmarks/encoder/compare.py --scimult $(SCIMULT) --name MiniLM \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-exactness: setup ## Compare int8 with fp32 on papers: BENCH_ARGUMENTS="--papers F.jsonl [--search F.jsonl]"
	swift build $(SWIFT_FLAGS) --product scimult
	$(VENV_PYTHON) Benchmarks/exactness/compare.py --scimult $(SCIMULT) \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-batch: setup ## Measure how much of the engine's speed files of papers get: BENCH_ARGUMENTS="--papers F.jsonl"
	swift build $(SWIFT_FLAGS) --product scimult
	$(VENV_PYTHON) Benchmarks/batch/measure.py --scimult $(SCIMULT) \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-experts: setup ## Measure what task adapters and mixed tasks cost, beside the encoder without (about 7 minutes)
	swift build $(SWIFT_FLAGS) --product scimult
	$(VENV_PYTHON) Benchmarks/experts/measure.py --scimult $(SCIMULT) $(BENCH_ARGUMENTS)

bench-fairness: setup ## Measure how long a query waits beside a client that sends papers without end
	swift build $(SWIFT_FLAGS) --product scimult
	PYTHONPATH=Benchmarks $(VENV_PYTHON) Benchmarks/fairness/measure.py --scimult $(SCIMULT) \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-latency: setup ## Measure what the server, as it is deployed, adds to the engine's time for one query (about 2 minutes)
	swift build -c release --static-swift-stdlib --scratch-path .build-static --product scimult
	PYTHONPATH=Benchmarks $(VENV_PYTHON) Benchmarks/latency/measure.py --scimult $(DEPLOYED) \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-python-client: setup ## Measure how much of the server's throughput one Python process gets: BENCH_ARGUMENTS="--papers F.jsonl"
	swift build $(SWIFT_FLAGS) --product scimult
	PYTHONPATH=Benchmarks $(VENV_PYTHON) Benchmarks/python-client/measure.py --scimult $(SCIMULT) \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-servers: setup ## Compare the server, as it is deployed, with what users would run instead (about 25 minutes)
	swift build -c release --static-swift-stdlib --scratch-path .build-static --product scimult
	Benchmarks/servers/setup.sh
	.venv-bench-servers/bin/python Benchmarks/servers/compare.py --scimult $(DEPLOYED) --name MiniLM \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

bench-tokenizer: setup ## Compare the tokenizer's speed with Hugging Face's
	swift build $(SWIFT_FLAGS) --product tokenizer-benchmark
	$(VENV_PYTHON) Benchmarks/tokenizer/compare.py \
		--model "$$($(VENV_PYTHON) scripts/minilm_folder.py)" $(BENCH_ARGUMENTS)

clean: ## Delete everything that was built or installed in this folder
	rm -rf .build .build-* .tools .venv .venv-* dist
