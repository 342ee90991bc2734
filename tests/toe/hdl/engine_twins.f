// Two engines, paths relative to this list
-F ../../../hdl/toe/toe_engine.f
engine_twins.sv
