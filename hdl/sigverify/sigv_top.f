// sigv_top and all below it, paths relative to this list
-y ../common
-y .
sigv_pkg.sv
sigv_microcode_pkg.sv
sigv_top.sv
