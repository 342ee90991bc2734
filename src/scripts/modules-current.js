// Whether node_modules holds what package-lock.json asks for; exit status 1 when it does not.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {string} path @returns {Record<string, { version: string, optional?: boolean }>} */
function packagesOf(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
}

function isCurrent() {
  try {
    // npm writes down there what it has installed.
    const installed = packagesOf('node_modules/.package-lock.json');
    return Object.entries(packagesOf('package-lock.json')).every(
      ([path, { version, optional }]) =>
        // Optional ones are for other platforms, all but a few.
        path === '' || installed[path]?.version === version || (optional && !installed[path]),
    );
  } catch {
    return false;
  }
}

process.exitCode = isCurrent() ? 0 : 1;
