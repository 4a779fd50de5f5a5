/** `npm run bench [-- b1 b4 …] [-- --quick]`: one table on the terminal, the figures as JSON in bench-output/. */
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import type { Bench, Context, Row } from './bench.ts';
import { broadcast } from './b1-broadcast.ts';
import { channels } from './b2-channels.ts';
import { idle } from './b4-idle.ts';
import { storm } from './b5-storm.ts';
import { inbound } from './b6-inbound.ts';
import { durable } from './b7-durable.ts';
import { chat } from './b8-chat.ts';
import { pace } from './b8-pace.ts';
import { slow } from './b9-slow.ts';
import { resume } from './b10-resume.ts';
import { login } from './login.ts';
import { traces } from './traces.ts';
import { endAll } from './ends.ts';
import { compile, OUTPUT } from './native/native.ts';
import { startServer } from './server.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  b1: broadcast,
  b2: channels,
  b4: idle,
  b5: storm,
  b6: inbound,
  b7: durable,
  b8: chat,
  pace,
  b9: slow,
  b10: resume,
  login,
  traces,
};
const say = (text: string): void => console.error(text);

function chosen(args: readonly string[]): string[] {
  const names = args.filter((arg) => arg !== '--quick');
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')} and --quick`);
  return names.length > 0 ? names : Object.keys(BENCHES);
}

function print(rows: readonly Row[]): void {
  const width = Math.max(...rows.map((row) => row.what.length));
  for (const row of rows) {
    const mark = row.met === undefined ? '' : row.met ? '  met' : '  NOT MET';
    console.log(`${row.id}  ${row.what.padEnd(width)}  ${row.value.toFixed(2).padStart(10)} ${row.unit.padEnd(20)} ${row.aim ?? ''}${mark}`);
  }
}

async function main(args: readonly string[]): Promise<void> {
  const names = chosen(args);
  const [floor, client] = [compile('floor'), compile('client')];
  if (!floor || !client) throw new Error('the benches need gcc for their load generator: apt-get install gcc libc6-dev');
  const context: Context = { floor, client, quick: args.includes('--quick'), say, server: startServer };
  const rows: Row[] = [];
  for (const name of names) {
    say(`${name} …`);
    const measured = (await BENCHES[name]?.(context)) ?? [];
    // At once too: a bench that fails later must not take these with it.
    for (const { what, value, unit } of measured) say(`  ${what}: ${value.toFixed(2)} ${unit}`);
    rows.push(...measured);
  }
  print(rows);
  const report = { at: new Date().toISOString(), node: process.version, kernel: release(), cpu: cpus()[0]?.model, quick: context.quick, rows };
  writeFileSync(join(OUTPUT, `${report.at.replaceAll(':', '-')}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exitCode = 130;
    // What is being waited for fails once its processes are gone.
    void endAll();
  });
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode ||= 1;
} finally {
  await endAll();
}
