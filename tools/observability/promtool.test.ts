import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { promtool, type PromtoolMachine } from './promtool.ts';

let cache: string;
beforeEach(() => void (cache = mkdtempSync(join(tmpdir(), 'veche-promtool-'))));
afterEach(() => rmSync(cache, { recursive: true }));

/** A machine whose apt "downloads" a package and whose dpkg leaves one program; the step that is named fails. */
function machine(fails = '', path: readonly string[] = []): PromtoolMachine & { readonly ran: string[] } {
  const ran: string[] = [];
  const run = ([step = '']: readonly string[], folder: string): boolean => {
    ran.push(step);
    if (step === fails) return false;
    if (step === 'apt-get') writeFileSync(join(folder, 'prometheus_1_amd64.deb'), '');
    else {
      mkdirSync(join(folder, 'tree', 'usr', 'bin'), { recursive: true });
      writeFileSync(join(folder, 'tree', 'usr', 'bin', 'promtool'), '');
    }
    return true;
  };
  return { cache, path, run, ran };
}

test('unpacks it once, and leaves nothing beside it', () => {
  const bare = machine();
  expect(promtool(bare)).toEqual({ file: join(cache, 'prometheus', 'promtool') });
  expect(promtool(bare)).toEqual({ file: join(cache, 'prometheus', 'promtool') });
  expect(bare.ran).toEqual(['apt-get', 'dpkg']);
  expect(readdirSync(cache)).toEqual(['prometheus']);
});

test('takes the one on PATH first', () => {
  writeFileSync(join(cache, 'promtool'), '');
  const has = machine('', [cache]);
  expect(promtool(has)).toEqual({ file: join(cache, 'promtool') });
  expect(has.ran).toEqual([]);
});

test.each(['apt-get', 'dpkg'])('says what to do when %s fails, and leaves nothing', (step) => {
  expect(promtool(machine(step))).toEqual({ problem: expect.stringContaining('install the package "prometheus"') });
  expect(existsSync(join(cache, 'prometheus'))).toBe(false);
  expect(readdirSync(cache)).toEqual([]);
});
