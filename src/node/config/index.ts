// SPDX-License-Identifier: Apache-2.0
// The configuration of a node.

export { ConfigError, type ConfigSources, readConfig } from './config.ts';
export { openNodeKey } from './node-key.ts';
export {
  CARD_SERVICES,
  type CardService,
  DEFAULT_PEER_HOST,
  DEFAULT_PEER_PORT,
  type NodeConfig,
  SETTINGS,
  type Setting,
  servicesOf,
} from './settings.ts';
