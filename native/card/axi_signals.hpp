// SPDX-License-Identifier: Apache-2.0
// The signals of an AXI4 manager port of the card, as its memory needs them: 8 bytes a beat.
#pragma once

#include "Vcard.h"

namespace hpb {

struct AxiSignals {
  CData &awid;
  QData &awaddr;
  CData &awlen, &awvalid, &awready;
  QData &wdata;
  CData &wstrb, &wvalid, &wready;
  CData &bid, &bresp, &bvalid, &bready;
  CData &arid;
  QData &araddr;
  CData &arlen, &arvalid, &arready;
  CData &rid;
  QData &rdata;
  CData &rresp, &rlast, &rvalid, &rready;
};

inline AxiSignals host_signals(Vcard &card) {
  return {card.m_axi_awid,    card.m_axi_awaddr,  card.m_axi_awlen,   card.m_axi_awvalid,
          card.m_axi_awready, card.m_axi_wdata,   card.m_axi_wstrb,   card.m_axi_wvalid,
          card.m_axi_wready,  card.m_axi_bid,     card.m_axi_bresp,   card.m_axi_bvalid,
          card.m_axi_bready,  card.m_axi_arid,    card.m_axi_araddr,  card.m_axi_arlen,
          card.m_axi_arvalid, card.m_axi_arready, card.m_axi_rid,     card.m_axi_rdata,
          card.m_axi_rresp,   card.m_axi_rlast,   card.m_axi_rvalid,  card.m_axi_rready};
}

}  // namespace hpb
