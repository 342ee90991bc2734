// The card on an engine that takes no time, paths relative to this list
-F ../../../../hdl/card/card.f
sigv_top.sv
