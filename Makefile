# The door to everything that is done with this repository. Each target installs the Debian packages that it needs
# (with sudo when not root), says which, and says nothing when none is missing. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo build test lint acceptance bench install clean

# A toolchain in PATH, or where the tarball from swift.org is usually unpacked.
SWIFT ?= $(or $(shell command -v swift 2>/dev/null),$(firstword $(wildcard /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift)),swift)
PREFIX ?= /usr/local
DESTDIR ?=
SCRATCH := .build
CHECKED := --explicit-target-dependency-import-check error --scratch-path $(SCRATCH)
RELEASE := -c release --static-swift-stdlib $(CHECKED)
BINARY := $(SCRATCH)/release/sallyport
NEEDS := packaging/apt-needs

help: ## list the targets
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
	@echo
	@echo "First time here? 'make demo' deploys two versions of an agent with real signatures in ./demo."

demo: ## the whole story in ./demo with real signatures; PACKAGE=file takes your own package
	@$(NEEDS) demo
	@$(MAKE) --no-print-directory build
	@SALLYPORT="$(CURDIR)/$(BINARY)" packaging/demo $(if $(PACKAGE),"$(PACKAGE)")

build: ## the release binary, .build/release/sallyport
	@$(NEEDS) build
	$(SWIFT) build $(RELEASE)

test: ## every test; FILTER=name runs those whose name matches
	@$(NEEDS) test
	$(SWIFT) build --build-tests $(CHECKED)
	$(SWIFT) test --skip-build --disable-xctest --parallel --scratch-path $(SCRATCH) $(if $(FILTER),--filter "$(FILTER)")
	@# The whole story, killed at 60 of its mutating system calls; acceptance does all of them.
	$(if $(FILTER),,SALLYPORT="$(CURDIR)/$(SCRATCH)/debug/sallyport" Tests/acceptance/door/kill-everywhere --sample 60)

lint: ## formatting, shell scripts, manual page, words and links
	@$(NEEDS) lint
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	@Tests/lint/run

acceptance: ## every promise, line by line; SUITE=door runs one suite, ONLY=word some checks
	@$(NEEDS) acceptance
	@$(MAKE) --no-print-directory build
	$(SWIFT) build --build-tests $(CHECKED)
	@SALLYPORT="$(CURDIR)/$(BINARY)" SWIFT="$(SWIFT)" Tests/acceptance/run $(SUITE) $(if $(ONLY),--only $(ONLY))

bench: ## measure: idle tick, one package, a batch of 200, and what to compare them with
	@$(NEEDS) bench
	@$(MAKE) --no-print-directory build
	@SALLYPORT="$(CURDIR)/$(BINARY)" Bench/run $(BENCH)

install: $(if $(wildcard $(BINARY)),,build) ## binary and manual page below PREFIX (/usr/local), DESTDIR honoured
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(PREFIX)/share/doc/sallyport/examples"
	install -m 0755 "$(BINARY)" "$(DESTDIR)$(PREFIX)/bin/sallyport"
	install -m 0644 man/sallyport.1 "$(DESTDIR)$(PREFIX)/share/man/man1/sallyport.1"
	install -m 0644 README.md SECURITY.md CHANGELOG.md LICENSE "$(DESTDIR)$(PREFIX)/share/doc/sallyport/"
	for file in packaging/cron/sallyport packaging/systemd/*; do \
	    sed "s|/usr/local/bin/|$(PREFIX)/bin/|g" "$$file" > "$(DESTDIR)$(PREFIX)/share/doc/sallyport/examples/$${file##*/}"; done

clean: ## remove what was built (./demo stays: 'make demo' replaces it)
	rm -rf $(SCRATCH)
