# The commands of this repository; each does its own set-up. `make` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
TOOLS := .tools
NEXT := examples/saleor_storefront/next
FUZZ_SECONDS ?= 60
# A test that hangs fails, with the stacks of all threads.
export PYTEST_TIMEOUT ?= 300
PYTHON_CODE := python tests examples docs bench/harness bench/python bench/shop

RUST_SOURCES := Cargo.toml Cargo.lock $(shell find crates bindings -name '*.rs' -o -name Cargo.toml -o -name '*.html')
PYTHON_SOURCES := $(shell find python bindings/python -not -path '*/__pycache__/*' \
	\( -name '*.py' -o -name '*.pyi' -o -name '*.toml' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.svg' -o -name '*.png' \))
NODE_SOURCES := python/src/gameball_referrals/django/static/gameball/gameball.css $(shell find node bindings/node -not -path '*/node_modules/*' -not -path '*/dist/*' \
	\( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.mjs' -o -name 'package*.json' -o -name 'tsconfig*.json' \))

.PHONY: help demo demo-clients demo-medusa test test-rust test-python test-django test-mysql test-oscar test-saleor test-saleor-plugin \
	test-guides test-durability durability test-node test-medusa test-e2e screenshots lint lint-rust lint-python lint-node fmt messages \
	docs deny fuzz bench pythons clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.shop ## a Django shop with the emulator: a referral from the link to its receipt, then yours to click
	@$(PY) examples/django_shop/demo.py

demo-clients: $(VENV)/.installed examples/.installed ## the referral journey without a shop: the pip package, the npm package
	@$(PY) examples/journey.py
	@node examples/journey.mjs

demo-medusa: node/.installed ## a Medusa shop with the emulator and a PostgreSQL: the same, then shop and admin to click through
	@node tests/medusa/demo.mjs

test: test-rust test-python test-django test-node lint ## everything: Rust, Python, Node, vectors, lints

test-rust: ## the core and the emulator
	cargo test --workspace --exclude gameball-python --exclude gameball-node --exclude gameball-bench

test-python: $(VENV)/.tested ## the pip package, as installed
	$(PY) -m pytest -q tests/python

# Each of these has settings of its own.
DJANGO_TESTS := tests/django --ignore=tests/django/oscar --ignore=tests/django/saleor \
	--ignore=tests/django/guides --ignore=tests/django/social

test-django: $(VENV)/.tested ## the Django app, on SQLite and on a PostgreSQL that the tests start
	GAMEBALL_TEST_DB=sqlite $(PY) -m pytest -q $(DJANGO_TESTS)
	GAMEBALL_TEST_DB=postgres $(PY) -m pytest -q $(DJANGO_TESTS)
	cd tests/django/social && ../../../$(PY) -m pytest -q

test-mysql: $(VENV)/.tested ## the same on a MariaDB that the tests start
	GAMEBALL_TEST_DB=mysql $(PY) -m pytest -q $(DJANGO_TESTS)

test-durability: $(VENV)/.tested ## kills, lost connections, limits, crash histories: a few minutes of them
	PYTEST_TIMEOUT=1200 $(PY) -m pytest -q tests/durability

durability: $(VENV)/.tested node/.installed ## a thousand kills and more; writes their figures to docs/durability-results.json
	$(PY) tests/durability --kills 1000 --write
	GAMEBALL_KILLS=100 node tests/medusa/run.mjs $(CURDIR)/tests/medusa/kills.test.mjs

test-oscar: .venv-oscar/.installed ## the Oscar app on a real Oscar site, with Oscar's own apps and with forks of them
	cd tests/django/oscar && ../../../.venv-oscar/bin/python -m pytest -q
	cd tests/django/oscar && OSCAR_FORKED=1 ../../../.venv-oscar/bin/python -m pytest -q

test-saleor: $(VENV)/.tested ## the Saleor app against a fake core: installing, events, refusals, two shops, kills
	cd tests/django/saleor && GAMEBALL_TEST_DB=sqlite ../../../$(PY) -m pytest -q
	cd tests/django/saleor && GAMEBALL_TEST_DB=postgres ../../../$(PY) -m pytest -q

test-saleor-plugin: $(VENV)/.tested ## Saleor's in-process plugin beside a stand-in of its plugin manager, and the app's own server
	cd tests/saleor_plugin && ../../$(PY) -m pytest -q
	cd tests/saleor_app && ../../$(PY) -m pytest -q

test-guides: $(VENV)/.shop $(VENV)/.tested ## what the Django guides print is run, in the example shop
	cd tests/django/guides && ../../../$(PY) -m pytest -q

test-e2e: $(VENV)/.shop $(VENV)/.tested .venv-oscar/.installed tests/e2e/.installed $(NEXT)/.next/BUILD_ID \
	examples/next_storefront/.installed ## shop, admin and emulator in a real browser (Chromium, or CHROMIUM=path)
	PYTHON=$(CURDIR)/$(PY) node --test --test-timeout=600000 tests/e2e/

test-node: tests/node/.installed ## the npm package, as built and as packed
	cd tests/node && npm test

test-medusa: node/.installed ## the Medusa plugin from its tarball, in a real Medusa: journey, trouble, limits, kills
	node tests/medusa/run.mjs

lint: lint-rust lint-python lint-node ## formats, lints and types of all three languages

lint-rust:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

lint-python: $(VENV)/.tested
	$(PY) -m ruff check --config python/pyproject.toml $(PYTHON_CODE)
	$(PY) -m ruff format --check --config python/pyproject.toml $(PYTHON_CODE)
	MYPYPATH=tests/django PYTHONPATH=tests/django $(PY) -m mypy --config-file python/pyproject.toml \
		python/src tests/python examples/journey.py docs/reference.py
	MYPYPATH=tests/django PYTHONPATH=tests/django $(PY) -m mypy.stubtest gameball_referrals._native \
		--mypy-config-file=python/pyproject.toml

lint-node: node/.installed
	cd node && npm run lint && npm run typecheck && npm run check:package --workspace client
	git diff --exit-code -- node/client/src/native.d.ts

fmt: $(VENV)/.tested node/.installed ## formats all three languages
	cargo fmt --all
	$(PY) -m ruff format --config python/pyproject.toml $(PYTHON_CODE)
	cd node && npm run format

messages: $(VENV)/.tested ## the catalogues of what is to be translated, written anew (needs gettext)
	$(PY) python/core_texts.py
	for app in django saleor; do \
		(cd python/src/gameball_referrals/$$app && $(CURDIR)/$(PY) -m django makemessages -l en --no-obsolete --add-location file \
			&& sed -i '/^"POT-Creation-Date/d' locale/en/LC_MESSAGES/django.po); \
	done

PICTURES := next-account-light-wide shop-2-home-light shop-9-account-light shop-10-receipt-light admin-dashboard-light \
	admin-held-dashboard-light admin-referral-late-light oscar-dashboard saleor-4-referrals-light saleor-3-settings \
	saleor-11-evidence

screenshots: test-e2e ## the guides' pictures, from the browser tests
	mkdir -p docs/images
	cp $(PICTURES:%=tests/e2e/screenshots/%.png) docs/images/

docs: $(VENV)/.tested $(VENV)/.shop ## the guides and the Rust reference; checks links, tables and defaults
	$(PY) -m pip install --quiet -r docs/requirements.txt
	$(PY) docs/reference.py --check
	$(PY) -m mkdocs build --strict --quiet
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps -p gameball-core -p gameball-emulator

deny: $(TOOLS)/bin/cargo-deny ## licences, sources and bans of the tree (advisories: `cargo deny check advisories`)
	$(TOOLS)/bin/cargo-deny check licenses bans sources

fuzz: $(TOOLS)/bin/cargo-fuzz ## hostile URLs, templates, claims and webhooks, for FUZZ_SECONDS
	$(TOOLS)/bin/cargo-fuzz run -s none capture -- -max_total_time=$(FUZZ_SECONDS) -max_len=20000

bench: $(VENV)/.installed node/.installed ## figures against other clients, of a shop with the app, and of a full outbox
	bench/run

pythons: $(VENV)/.tested ## one wheel on every Python that is found here
	$(PY) tests/python/matrix.py $(MATRIX)

clean: ## removes what the other commands made
	rm -rf target site $(VENV) .venv-oscar $(TOOLS) node/client/dist node/medusa/.medusa tests/medusa/.app \
		{$(NEXT),examples/next_storefront}/{.next,node_modules,.installed} {node,examples,tests/e2e,tests/node}/{.installed,node_modules}

$(PY):
	$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(PY) $(RUST_SOURCES) $(PYTHON_SOURCES)
	$(PY) -m pip install --quiet --upgrade pip
	$(PY) -m pip install --force-reinstall ./python
	@touch $@

$(VENV)/.shop: $(VENV)/.installed examples/django_shop/requirements.txt
	$(PY) -m pip install --quiet -r examples/django_shop/requirements.txt
	@touch $@

.venv-oscar/.installed: $(VENV)/.installed tests/django/oscar/requirements.txt
	test -x .venv-oscar/bin/python || $(PYTHON) -m venv .venv-oscar
	.venv-oscar/bin/python -m pip install --quiet --upgrade pip
	.venv-oscar/bin/python -m pip install --quiet --force-reinstall --no-deps ./python
	.venv-oscar/bin/python -m pip install --quiet -r tests/django/oscar/requirements.txt
	@touch $@

$(VENV)/.tested: $(VENV)/.installed tests/python/requirements.txt tests/django/requirements.txt
	$(PY) -m pip install --quiet -r tests/python/requirements.txt -r tests/django/requirements.txt
	@touch $@

node/.installed: $(RUST_SOURCES) $(NODE_SOURCES)
	cd node && npm install --no-audit --no-fund && npm run build
	@touch $@

# A copy of the package, which npm does not make anew by itself.
examples/next_storefront/.installed: examples/next_storefront/package.json node/.installed
	cd $(@D) && rm -rf node_modules/gameball-referrals && npm install --no-audit --no-fund
	@touch $@

examples/.installed tests/e2e/.installed tests/node/.installed: %/.installed: %/package.json node/.installed
	cd $* && npm install --no-audit --no-fund
	@touch $@

# `install-links` copies the client, which is therefore installed anew whenever it was built anew.
$(NEXT)/.next/BUILD_ID: node/.installed $(shell find examples/saleor_storefront/next -name '*.ts*' -not -path '*/node_modules/*' -not -path '*/.next/*' -not -name next-env.d.ts)
	cd $(NEXT) && rm -rf node_modules/gameball-referrals && npm install --no-audit --no-fund
	cd $(NEXT) && NEXT_TELEMETRY_DISABLED=1 npm run build

$(TOOLS)/bin/cargo-deny:
	cargo install --quiet --debug --root $(TOOLS) --locked --no-default-features --version 0.20.2 cargo-deny

$(TOOLS)/bin/cargo-fuzz:
	cargo install --quiet --debug --root $(TOOLS) --locked --version 0.13.2 cargo-fuzz
