// card_top and all below it, paths relative to this list
-F ../sigverify/sigv_top.f
-F card.f
