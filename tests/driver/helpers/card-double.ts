// SPDX-License-Identifier: Apache-2.0

import { nativeLibrary } from '../../../src/driver/paths.ts';

/** The card around a test double of its signature engine: right answers, few cycles. */
export const CARD_DOUBLE = nativeLibrary('libhpbcard-double.so');
