# SPDX-License-Identifier: Apache-2.0
# Everything there is to do with the project; `make` alone lists it.
#
# Variables: UNIT, TEST, SEED, WAVES for tests; UNIT for lint, formal, synth, fmax, mutate;
# ARGS for the arguments of bench, sim, soak, fuzz, cover, formal, synth, fmax and mutate.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERILATOR ?= verilator

# What the recipes read from their environment: no quoting to get wrong.
export UNIT TEST SEED WAVES VERILATOR

# Verilator's makefiles compile through this, where it is installed: a second build takes seconds.
export OBJCACHE := $(notdir $(shell command -v ccache))

# Builds native libraries, one make at a time where there is flock: two in one checkout would write the
# same files. Without it, and for `make native` by name, see to that yourself.
MAKE_NATIVE := mkdir -p build && $(if $(shell command -v flock),flock build/native.lock) $(MAKE) -s -j2

VITEST := node node_modules/vitest/vitest.mjs run --reporter=default \
  --reporter=./src/scripts/vitest-counts.js

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\n  UNIT=axis_fifo   part of a path: tests, lint, formal, synth, mutate\n'
	@printf '  TEST="a name"    part of a test name\n  SEED=1           repeats a run\n'
	@printf '  WAVES=1          records build/waves/*.fst\n'

.PHONY: setup
setup: ## Finds what is missing and installs it
	@src/scripts/setup

.PHONY: build
build: setup ## TypeScript, native libraries, the emulated card
	@node src/scripts/compile.js --strict
	@$(MAKE_NATIVE) native native-toe

.PHONY: types
types: setup ## Typings of all Verilog modules, build/types/modules.d.ts
	@node src/cli/hpb.js hdl types >/dev/null

.PHONY: lint
lint: setup types ## verilator -Wall, yosys, Biome, tsc
	@src/scripts/setup synth
	node src/cli/hpb.js hdl lint $${UNIT:+"$$UNIT"}
	node_modules/.bin/biome check .
	node_modules/.bin/tsc -p tsconfig.json

.PHONY: check
check: setup ## Are the generated files up to date?
	@node src/cli/hpb.js hdl regs --check

.PHONY: generate
generate: setup ## Writes the generated files
	@node src/cli/hpb.js hdl regs --write

# Tests of a unit of hdl/ do without the card, which takes a minute to build.
UNIT_WORDS := $(subst /, ,$(subst ., ,$(UNIT)))
IS_HDL_UNIT := $(strip $(filter common card sigverify testbench toe,$(UNIT_WORDS)) \
  $(foreach word,$(UNIT_WORDS),$(wildcard hdl/*/$(word).sv)))

.PHONY: test
test: setup ## Tests; all, or those of UNIT and TEST
	@$(if $(IS_HDL_UNIT),,$(MAKE_NATIVE) native-tests)
	@$(VITEST) $${UNIT:+"$$UNIT"} $${TEST:+-t "$$TEST"}

.PHONY: watch
watch: setup ## On save: lint, and the tests that the change reaches
	@$(if $(or $(IS_HDL_UNIT),$(if $(UNIT),,all)),exec node src/cli/hpb.js hdl watch $${UNIT:+"$$UNIT"}, \
	  node_modules/.bin/vitest watch $${UNIT:+"$$UNIT"} $${TEST:+-t "$$TEST"})

.PHONY: sim
sim: setup ## Runs the emulated card on real input and compares it with software
	@$(MAKE_NATIVE) native
	@node src/scripts/run.js sim/sim.ts $(ARGS)

.PHONY: bench
bench: setup ## Measures all backends in one run
	@$(MAKE_NATIVE) native
	@node src/cli/hpb.js bench sigverify $(ARGS)

.PHONY: soak
soak: setup ## Long campaigns on networks of real nodes: kill, mixed, memory
	@$(MAKE_NATIVE) native
	@node src/scripts/run.js sim/network/soak.ts $(ARGS)

.PHONY: linux
linux: setup ## The emulated card against Linux TCP over a TAP interface and passt
	@src/scripts/setup network
	@$(MAKE_NATIVE) native-toe
	@node src/scripts/run.js sim/toe/linux.ts $(ARGS)

.PHONY: fuzz
fuzz: setup ## A million mutated frames at the TCP engine; SEED, ARGS="--help"
	@node src/scripts/run.js sim/toe/fuzz.ts $(ARGS)

.PHONY: cover
cover: setup ## What of UNIT its tests reach: build/coverage/index.html
	@node src/cli/hpb.js hdl cover $${UNIT:+"$$UNIT"} $(ARGS)

.PHONY: formal
formal: ## Proofs of the stream cells and of the control of the card
	@src/scripts/setup formal
	@node src/cli/hpb.js hdl formal $${UNIT:+"$$UNIT"} $(ARGS)

.PHONY: synth
synth: ## Resources of each unit, for UltraScale+, ECP5 and iCE40
	@src/scripts/setup synth
	@node src/cli/hpb.js hdl synth $${UNIT:+"$$UNIT"} $(ARGS)

.PHONY: fmax
fmax: ## Highest clock of UNIT, placed and routed, and its critical path
	@src/scripts/setup synth
	@node src/cli/hpb.js hdl fmax "$$UNIT" $(ARGS)

.PHONY: mutate
mutate: setup ## Changes UNIT on purpose: do its tests notice?
	@node src/cli/hpb.js hdl mutate "$$UNIT" --seed $${SEED:-1} $(ARGS)

.PHONY: clean
clean: ## Removes what was built; node_modules stays
	rm -rf build sim/report.html sim/report.json

-include native/native.mk
