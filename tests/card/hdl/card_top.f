// The card on the stand-in for its signature engine, paths relative to this list
-F ../../../hdl/card/card.f
sigv_top.sv
