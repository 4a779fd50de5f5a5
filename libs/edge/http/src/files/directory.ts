import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { etagOf } from '../server/answer.rules.ts';

/** Bytes of all files together: they are held in memory. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface StaticFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

/** A bundler's name with a hash of the content: what it names can never change. */
const HASHED = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/** Our own page loads nothing from elsewhere and talks to this server alone, over sockets too. */
const PAGE_POLICY =
  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * Every file of a directory by its address. Read once, so that an address is a look-up in this map and
 * never a path on the disk: there is nothing to climb out of.
 * @throws Error with a sentence for the operator
 */
export function readDirectory(root: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  let left = MAX_BYTES;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    // Links are left out: they may lead anywhere.
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    left -= statSync(path).size;
    if (left < 0) throw new Error(`HTTP_STATIC_DIR holds more than ${MAX_BYTES / 1024 / 1024} MB: name the directory of a built page`);
    files.set(`/${relative(root, path).split(sep).join('/')}`, fileOf(path));
  }
  const index = files.get('/index.html');
  if (!index) throw new Error(`HTTP_STATIC_DIR has no index.html: ${root}`);
  return files.set('/', index);
}

function fileOf(path: string): StaticFile {
  const bytes = readFileSync(path);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  return {
    bytes,
    headers: {
      'Content-Type': type,
      ETag: etagOf(bytes),
      'Cache-Control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(type.startsWith('text/html') && { 'Content-Security-Policy': PAGE_POLICY }),
    },
  };
}
