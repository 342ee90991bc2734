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

# A plain C loop over libsecp256k1: what the native backend is measured against.
$(NATIVE_OUT)/secp_loop: native/bench/secp_loop.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -Wall -Wextra $< -lsecp256k1 -o $@

-include $(SECP_OBJECTS:.o=.d)
