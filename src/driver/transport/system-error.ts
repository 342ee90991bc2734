// SPDX-License-Identifier: Apache-2.0

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Codes that a transport gives. */
export type SystemErrorCode =
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'ECANCELED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'EIO'
  | 'ENETUNREACH'
  | 'EPIPE'
  | 'ETIMEDOUT';

/** An error as node:net makes it. */
export interface SystemError extends Error {
  readonly code: SystemErrorCode;
  /** Negative, as libuv has it. */
  readonly errno: number;
  readonly syscall: string;
  readonly address?: string;
  readonly port?: number;
}

/**
 * Makes an error with the fields and the text that node:net's have.
 *
 * @example
 * systemError('ECONNREFUSED', 'connect', '10.0.0.1', 80).message; // connect ECONNREFUSED 10.0.0.1:80
 */
export function systemError(
  code: SystemErrorCode,
  syscall: 'connect' | 'listen' | 'read' | 'write' | 'shutdown',
  address?: string,
  port?: number,
): SystemError {
  const errno = -constants.errno[code];
  const text = syscall === 'listen' ? `: ${getSystemErrorMap().get(errno)?.[1]}` : '';
  const place = address === undefined ? '' : ` ${address}${port === undefined ? '' : `:${port}`}`;
  const error = new Error(`${syscall} ${code}${text}${place}`);
  return Object.assign(error, {
    errno,
    code,
    syscall,
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  });
}
