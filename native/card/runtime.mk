# SPDX-License-Identifier: Apache-2.0
# Run inside a folder that verilator wrote: the model, and the part of Verilator's runtime it needs,
# as two archives. Verilator's own makefile has no such target in the older versions.
include Vcard.mk

runtime.a: $(VK_GLOBAL_OBJS)
	$(AR) rcs $@ $^
