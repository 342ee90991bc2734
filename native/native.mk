# SPDX-License-Identifier: Apache-2.0
# Native libraries, into build/native. Included by the project's Makefile.

NATIVE_OUT := build/native

# Exported names are those of the version script alone: never a name of libc or of Verilator.
NATIVE_CXXFLAGS := -std=c++17 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra -Wpedantic \
  -Inative/include -Inative/common
NATIVE_LDFLAGS := -shared -pthread -Wl,--no-undefined

SECP_SOURCES := $(wildcard native/secp/*.cpp)
SECP_OBJECTS := $(SECP_SOURCES:native/secp/%.cpp=$(NATIVE_OUT)/secp/%.o)

.PHONY: native
native: $(NATIVE_OUT)/libhpbnative.so

$(NATIVE_OUT)/secp/%.o: native/secp/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(NATIVE_CXXFLAGS) -Inative/secp -MMD -MP -c $< -o $@

$(NATIVE_OUT)/libhpbnative.so: $(SECP_OBJECTS) native/secp/libhpbnative.map
	$(CXX) $(NATIVE_LDFLAGS) -Wl,--version-script=native/secp/libhpbnative.map \
	  $(SECP_OBJECTS) -lsecp256k1 -o $@

# Measures: a plain C loop over libsecp256k1, and the emulated card driven from plain C.
NATIVE_BENCH_FLAGS := -std=gnu11 -O2 -Wall -Wextra -Inative/include

$(NATIVE_OUT)/secp_loop $(NATIVE_OUT)/card_loop: $(NATIVE_OUT)/%: native/bench/%.c \
    native/bench/records.c native/bench/records.h $(wildcard native/include/*.h)
	@mkdir -p $(@D)
	$(CC) $(NATIVE_BENCH_FLAGS) $< native/bench/records.c -lsecp256k1 -ldl -o $@

$(NATIVE_OUT)/toe_loop: native/bench/toe_loop.c native/generated/hpb_card_registers.h $(wildcard native/include/*.h)
	@mkdir -p $(@D)
	$(CC) $(NATIVE_BENCH_FLAGS) $< -ldl -o $@

.PHONY: native-bench
native-bench: $(NATIVE_OUT)/secp_loop $(NATIVE_OUT)/card_loop $(NATIVE_OUT)/toe_loop

-include $(SECP_OBJECTS:.o=.d)

# Links: frames between a card and the world; link_pipe is their test driver.
LINK_SOURCES := $(wildcard native/links/*.cpp)

$(NATIVE_OUT)/link_pipe: $(LINK_SOURCES) $(wildcard native/links/*.hpp native/common/*.hpp)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 -g -Wall -Wextra -Wpedantic -Inative/common -Inative/links $(LINK_SOURCES) -o $@

# --- The emulated card: libhpbcard.so, and variants of it ------------------------------------
#
#   libhpbcard.so         the card, as fast as it goes
#   libhpbcard-waves.so   the same with FST waves: ten times slower, made when somebody wants waves
#   libhpbcard-double.so  the card around a test double of its signature engine: for driver tests
#   libhpbcard-toe.so     the card with its TCP engine besides, links and card memory; and its waves

VERILATOR ?= verilator
CARD_RTL := $(wildcard $(foreach unit,card common sigverify toe,hdl/$(unit)/*.sv hdl/$(unit)/*.f))
CARD_SOURCES := $(wildcard native/card/*.cpp)
CARD_HEADERS := $(wildcard native/card/*.hpp native/card/network/*.hpp native/common/*.hpp \
  native/links/*.hpp native/include/*.h)
# What is around the TCP engine
TOE_RTL := $(wildcard hdl/toe/*.sv hdl/toe/*.f)
TOE_SOURCES := $(wildcard native/card/network/*.cpp) $(filter-out %/link_pipe.cpp,$(LINK_SOURCES))
TOE_FLAGS := -DHPBCARD_TOE -Inative/card/network -Inative/links
VERILATOR_INCLUDE = $(shell $(VERILATOR) --getenv VERILATOR_ROOT)/include
# Build parameters of the card, for example CARD_PARAMETERS="-GENGINES=2 -GCONTEXTS=16"
CARD_PARAMETERS ?=

# Models are compiled for the processor at hand: another processor, tool or parameter builds anew.
CARD_STAMP := $(NATIVE_OUT)/card/stamp
CARD_IDENTITY := $(shell { grep -m1 '^flags' /proc/cpuinfo; $(VERILATOR) --version; $(CXX) --version; \
  echo '$(CARD_PARAMETERS)'; } 2>/dev/null | cksum)
ifneq ($(shell cat $(CARD_STAMP) 2>/dev/null),$(CARD_IDENTITY))
$(shell mkdir -p $(dir $(CARD_STAMP)) && echo '$(CARD_IDENTITY)' > $(CARD_STAMP))
endif

# -x-assign and x-initial fast: unknown values need no code; the RTL resets what it uses.
# --output-split: several files, so that two processors compile.
# CLOCK_GATING: what does nothing costs nothing.
CARD_VERILATOR_FLAGS := --cc --prefix Vcard "-GCLOCK_GATING=1'b1" -O3 --x-assign fast \
  --x-initial fast --noassert --output-split 20000 -Wno-fatal
# $(call card_model,NAME,FLAGS): compiles the model. Every cycle counts; its slow parts run once. The fast
# one in one piece and with nothing to replace from outside, so that the compiler sees all of a cycle.
card_model = $(MAKE) -C $(NATIVE_OUT)/card/$(1) -f $(CURDIR)/native/card/runtime.mk \
  OPT_FAST="-O3 -march=native -fPIC -fvisibility=hidden $(2)" OPT_SLOW="-O1 -fPIC" OPT_GLOBAL="-O2 -fPIC" \
  VM_PARALLEL_BUILDS=$(if $(filter fast,$(1)),0,1) Vcard__ALL.a runtime.a

# $(call card_link,NAME,LIBRARY,C++ FLAGS,MORE SOURCES,LIBRARIES)
card_link = $(CXX) $(NATIVE_CXXFLAGS) -O3 -march=native $(3) -Inative/card -Inative/secp \
  -I$(NATIVE_OUT)/card/$(1) -isystem $(VERILATOR_INCLUDE) -isystem $(VERILATOR_INCLUDE)/vltstd \
  $(NATIVE_LDFLAGS) -Wl,--version-script=native/card/libhpbcard.map $(CARD_SOURCES) $(4) \
  $(NATIVE_OUT)/card/$(1)/Vcard__ALL.a $(NATIVE_OUT)/card/$(1)/runtime.a $(5) -o $(2)

# $(call card_train,NAME): runs a model on signatures, so that the compiler knows which way its branches
# go when it compiles it for good: a quarter faster.
card_train = $(call card_model,$(1),-fprofile-generate -fprofile-update=single) \
  && $(call card_link,$(1),$(NATIVE_OUT)/card/$(1)/trial.so,-fprofile-generate) \
  && $(NATIVE_OUT)/card_loop $(NATIVE_OUT)/card/$(1)/trial.so 2 64 >/dev/null \
  && rm -f $(NATIVE_OUT)/card/$(1)/*.o $(NATIVE_OUT)/card/$(1)/*.a $(NATIVE_OUT)/card/$(1)/trial.so
CARD_TRAINED := -fprofile-use -fprofile-partial-training -Wno-missing-profile

# $(call card_variant,NAME,LIBRARY,VERILOG,VERILATOR FLAGS,C++ FLAGS,MORE SOURCES,LIBRARIES,TRAINED)
define card_variant
$(NATIVE_OUT)/card/$(1)/Vcard.mk: $(CARD_RTL) $(if $(findstring TOE,$(4)),$(TOE_RTL)) $(CARD_STAMP) \
    native/native.mk $(filter %.sv,$(3))
	@rm -rf $$(@D) && mkdir -p $$(@D)
	$(VERILATOR) $(CARD_VERILATOR_FLAGS) $(CARD_PARAMETERS) $(4) --Mdir $$(@D) $(3)

$(NATIVE_OUT)/card/$(1)/runtime.a: $(NATIVE_OUT)/card/$(1)/Vcard.mk native/card/runtime.mk \
    $(if $(8),$(NATIVE_OUT)/card_loop)
	+$(if $(8),$$(call card_train,$(1)))
	+$$(call card_model,$(1),$(if $(8),$(CARD_TRAINED)))

$(NATIVE_OUT)/$(2): $(NATIVE_OUT)/card/$(1)/runtime.a $(CARD_SOURCES) $(CARD_HEADERS) $(6) \
    native/card/libhpbcard.map
	$$(call card_link,$(1),$$@,$(5),$(6),$(7))
endef

CARD_TOP := -F hdl/card/card_top.f
# One evaluation a cycle; waves want to show the clock.
CARD_TICKED := native/card/card_ticked.sv --top-module card_ticked
$(eval $(call card_variant,fast,libhpbcard.so,$(CARD_TOP) $(CARD_TICKED),,,,,trained))
$(eval $(call card_variant,waves,libhpbcard-waves.so,$(CARD_TOP) --top-module card_top,--trace-fst --trace-structs,-DHPBCARD_WAVES,,-lz))
$(eval $(call card_variant,double,libhpbcard-double.so,-F hdl/card/card.f tests/driver/double/sigv_top.sv \
  $(CARD_TICKED),,,\
  tests/driver/double/engine.cpp native/secp/answer.cpp,-lsecp256k1))
# Not trained: it would gain 17 % on frames and 9 % on signatures, and take twice the time to build.
TOE_ON := "-GTOE=1'b1"
$(eval $(call card_variant,toe,libhpbcard-toe.so,$(CARD_TOP) $(CARD_TICKED),$(TOE_ON),$(TOE_FLAGS),$(TOE_SOURCES)))
$(eval $(call card_variant,toe-waves,libhpbcard-toe-waves.so,$(CARD_TOP) --top-module card_top,\
  $(TOE_ON) --trace-fst --trace-structs,$(TOE_FLAGS) -DHPBCARD_WAVES,$(TOE_SOURCES),-lz))

native: $(NATIVE_OUT)/libhpbcard.so
.PHONY: native-toe native-tests
native-toe: $(NATIVE_OUT)/libhpbcard-toe.so
# What the tests of the driver load besides.
native-tests: native native-toe $(NATIVE_OUT)/libhpbcard-double.so $(NATIVE_OUT)/link_pipe

# --- A card behind PCI Express, and the emulated card as a process of its own ----------------------
#
#   libhpbpcie.so     VFIO, of the kernel and over a socket (vfio-user)
#   hpb_card_server   presents libhpbcard.so over vfio-user

PCIE_SOURCES := $(wildcard native/pcie/*.cpp)
PCIE_OBJECTS := $(PCIE_SOURCES:native/pcie/%.cpp=$(NATIVE_OUT)/pcie/%.o)
CARD_SERVER_SOURCES := $(wildcard native/cardserver/*.cpp) native/pcie/stream.cpp

$(NATIVE_OUT)/pcie/%.o: native/pcie/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(NATIVE_CXXFLAGS) -Inative/pcie -MMD -MP -c $< -o $@

$(NATIVE_OUT)/libhpbpcie.so: $(PCIE_OBJECTS) native/pcie/libhpbpcie.map
	$(CXX) $(NATIVE_LDFLAGS) -Wl,--version-script=native/pcie/libhpbpcie.map $(PCIE_OBJECTS) -o $@

$(NATIVE_OUT)/hpb_card_server: $(CARD_SERVER_SOURCES) $(wildcard native/cardserver/*.hpp \
    native/pcie/*.hpp native/common/*.hpp native/include/*.h)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 -g -pthread -Wall -Wextra -Wpedantic -Inative/include -Inative/common \
	  -Inative/pcie -Inative/cardserver $(CARD_SERVER_SOURCES) -ldl -o $@

-include $(PCIE_OBJECTS:.o=.d)

native: $(NATIVE_OUT)/libhpbpcie.so $(NATIVE_OUT)/hpb_card_server
