// sigv_top and all below it, paths relative to this list
-y ../common
sigv_pkg.sv
sigv_microcode_pkg.sv
sigv_microcode.sv
sigv_gtable.sv
sigv_lane.sv
sigv_carry.sv
sigv_mul.sv
sigv_fold.sv
sigv_field.sv
sigv_capture.sv
sigv_core.sv
sigv_ingest.sv
sigv_emit.sv
sigv_engine.sv
sigv_top.sv
