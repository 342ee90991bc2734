// SPDX-License-Identifier: Apache-2.0
// The files of one folder over HTTP, and nothing beside it.

import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
};

/** Silence after which a connection is closed. */
const IDLE_MS = 60_000;

/** An answer that is not a file. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}

const notFound = () => new Refusal(404, 'not found');

/**
 * The parts of a request's path, decoded.
 *
 * @throws {Refusal} for what is no path, goes up, or names what is hidden.
 */
function partsOf(url: string): string[] {
  let path: string;
  try {
    path = decodeURIComponent(url.split(/[?#]/, 1)[0]!);
  } catch {
    throw new Refusal(400, 'bad path');
  }
  if (!path.startsWith('/') || path.includes('\0')) throw new Refusal(400, 'bad path');
  const parts = path.split('/').filter((part) => part !== '');
  // Names with a leading dot are hidden, `..` among them; a backslash separates on some systems.
  const isHidden = parts.some((part) => part.startsWith('.') || part.includes('\\'));
  if (isHidden) throw notFound();
  return parts;
}

/** Opens a file that lies within the folder, symbolic links followed. */
async function openWithin(root: string, parts: readonly string[]): Promise<FileHandle> {
  let path: string;
  try {
    path = await realpath(join(root, ...parts));
  } catch {
    throw notFound();
  }
  if (path !== root && !path.startsWith(root === sep ? sep : root + sep)) throw notFound();
  try {
    // The path has no link left; one that is put there meanwhile is not followed, a pipe not waited for.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    throw notFound();
  }
}

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '/' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    throw new Refusal(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
  }
  const parts = partsOf(url);
  let file = await openWithin(root, parts);
  try {
    let status = await file.stat();
    const isFolder = status.isDirectory();
    const asFolder = /^[^?#]*\/([?#]|$)/.test(url);
    if (isFolder) {
      if (!asFolder) {
        const location = `/${parts.map(encodeURIComponent).join('/')}/`;
        throw new Refusal(301, 'moved', { Location: location });
      }
      await file.close();
      parts.push('index.html');
      file = await openWithin(root, parts);
      status = await file.stat();
    }
    if (!status.isFile() || (asFolder && !isFolder)) throw notFound();
    const modified = new Date(Math.floor(status.mtimeMs / 1000) * 1000);
    const since = Date.parse(request.headers['if-modified-since'] ?? '');
    if (since >= modified.getTime()) throw new Refusal(304, '');
    response.writeHead(200, {
      'Content-Type': TYPES[extname(parts.at(-1)!).toLowerCase()] ?? 'application/octet-stream',
      'Content-Length': status.size,
      'Last-Modified': modified.toUTCString(),
      'X-Content-Type-Options': 'nosniff',
    });
    if (method === 'HEAD' || status.size === 0) response.end();
    else {
      // No more than was announced, should the file grow meanwhile.
      const bytes = file.createReadStream({ end: status.size - 1, autoClose: false });
      await pipeline(bytes, response);
    }
  } finally {
    await file.close();
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message, headers } =
    error instanceof Refusal ? error : new Refusal(500, 'it cannot be read');
  const body = status === 304 ? '' : `${message}\n`;
  response.writeHead(status, {
    ...headers,
    ...(body !== '' && { 'Content-Type': 'text/plain; charset=utf-8' }),
  });
  response.end(body);
}

/**
 * An HTTP server for the files of a folder: GET and HEAD, `index.html` for a folder, no listings, nothing
 * hidden, nothing outside of it.
 *
 * It does not listen: give it connections with `emit('connection', socket)`.
 */
export async function fileServer(folder: string): Promise<Server> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(root, request, response).catch((error: unknown) => refuse(response, error));
  });
  server.timeout = IDLE_MS;
  // Who has sent its request and ended gets its answer; a setting of Node.js that its types leave out.
  Object.assign(server, { httpAllowHalfOpen: true });
  return server;
}
