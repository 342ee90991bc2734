# SPDX-License-Identifier: Apache-2.0
"""What speed.ts measures, in cocotb: five writes, one cycle, two reads. TURNS turns of CYCLES; the fastest counts."""

import os
import time

import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def five_writes_two_reads(dut):
    cycles = int(os.environ["CYCLES"])
    total = 0
    best = float("inf")
    dut.rst.value = 0
    dut.clk.value = 0
    await Timer(5, "ns")
    for _ in range(int(os.environ["TURNS"])):
        start = time.perf_counter()
        for i in range(cycles):
            dut.i1.value = i & 1
            dut.i8.value = i & 255
            dut.i16.value = i & 65535
            dut.i32.value = i
            dut.is32.value = i & 0x7FFFFFFF
            dut.clk.value = 1
            await Timer(5, "ns")
            dut.clk.value = 0
            await Timer(5, "ns")
            total += int(dut.o32.value) + int(dut.count.value)
        best = min(best, time.perf_counter() - start)
    print(f"SPEED {cycles / best}", flush=True)
