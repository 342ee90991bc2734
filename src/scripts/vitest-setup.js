import { compile } from './compile.js';

/** Vitest's globalSetup: brings build/js up to date for the workers and commands that tests start. */
export default function setup() {
  compile();
}
