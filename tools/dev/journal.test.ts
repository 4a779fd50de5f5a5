import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from './journal.ts';
import { scratch } from './tests/started.ts';

test('everything is kept, only what is loud is shown, lines cut anywhere are put together', () => {
  const temporary = scratch();
  const shown: string[] = [];
  const journal = new Journal(join(temporary.path, 'log'), (line) => shown.push(line));
  const lines = ['{"level":30,"msg":"ready"}', '{"level":50,"msg":"append failed","err":{"message":"no disk"}}', 'plain text'];
  for (const piece of `${lines.join('\n')}\n`.match(/[^]{1,7}/g) ?? []) journal.write(piece);
  expect(shown).toEqual(['append failed: no disk']);
  expect(readFileSync(join(temporary.path, 'log'), 'utf8')).toBe(`${lines.join('\n')}\n`);
  expect(journal.tail()).toBe('ready\nappend failed: no disk\nplain text');
  journal.begin();
  journal.write('of the next program\n');
  expect(journal.tail()).toBe('of the next program');
  temporary.remove();
});
