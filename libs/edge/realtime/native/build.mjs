// Compiles the send loop with the machine's own compiler into dist/. Never fails a build: without it broadcasts go through the streams of
// Node, half as fast and otherwise the same. Says what it did in one line.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'send-loop.c');
const TARGET = join(import.meta.dirname, '..', 'dist', 'send-loop.node');
/** SANITIZE=address: for the tests of the loop by hand; Node must then be started with the sanitizer's library in LD_PRELOAD. */
const SANITIZE = process.env.SANITIZE ? [`-fsanitize=${process.env.SANITIZE}`, '-g'] : [];

function compile(compiler, headers) {
  const made = `${TARGET}.${process.pid}`;
  try {
    execFileSync(compiler, ['-O2', '-Wall', '-Wextra', '-shared', '-fPIC', ...SANITIZE, `-I${headers}`, '-o', made, SOURCE], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // In one step: a server that starts meanwhile finds the old one or the new one, whole.
    renameSync(made, TARGET);
    return true;
  } catch {
    rmSync(made, { force: true });
    return false;
  }
}

function build() {
  if (process.platform !== 'linux') return 'left out: it is for Linux';
  if (SANITIZE.length === 0 && existsSync(TARGET) && statSync(TARGET).mtimeMs > statSync(SOURCE).mtimeMs) return 'is up to date';
  mkdirSync(dirname(TARGET), { recursive: true });
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
  return ['cc', 'gcc', 'clang'].some((compiler) => compile(compiler, headers)) ? 'compiled' : 'left out: no C compiler that can make it';
}

try {
  console.log(`native send loop: ${build()}`);
} catch (error) {
  console.log(`native send loop: left out: ${error.message}`);
}
