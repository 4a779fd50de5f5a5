/** The C programs of the benches: compiled once into bench-output/ with the machine's gcc. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { atTheEnd, type End } from '../ends.ts';

const HERE = import.meta.dirname;
export const OUTPUT = join(import.meta.dirname, '..', '..', '..', 'bench-output');

/** Path of the compiled program; undefined where there is no gcc. */
export function compile(name: 'floor' | 'client'): string | undefined {
  const source = join(HERE, `${name}.c`);
  const target = join(OUTPUT, name);
  mkdirSync(OUTPUT, { recursive: true });
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return target;
  try {
    execFileSync('gcc', ['-O2', '-o', target, source], { stdio: ['ignore', 'ignore', 'inherit'] });
    return target;
  } catch {
    return undefined;
  }
}

export interface ClientStat {
  /** Monotonic nanoseconds. */
  readonly t: number;
  readonly open: number;
  readonly failed: number;
  readonly closed: number;
  readonly documents: number;
  readonly frames: number;
  readonly bytes: number;
  readonly pings: number;
  /** To commands; refusals are among them. */
  readonly replies: number;
  readonly errors: number;
  readonly measured: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly p999_ms: number;
  readonly max_ms: number;
  /** Publications with an offset that followed the one before them in their channel; others are repeats, or skip numbers. */
  readonly in_order: number;
  readonly doubled: number;
  readonly skipped: number;
  /** Documents that were another socket's, or none. */
  readonly stray: number;
  /** Sockets that came back after a `failover` and were answered, and those of them that lost nothing. */
  readonly resumed: number;
  readonly recovered: number;
  readonly resume_p50_ms: number;
  readonly resume_p99_ms: number;
  readonly resume_max_ms: number;
  /** Sockets that were ended, by close code; 0: without one. */
  readonly ends: Readonly<Record<string, number>>;
}

/** The load generator: lines in, JSON lines out. */
export class LoadClient {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;
  private readonly end: End;

  /** @param cores undefined: wherever the kernel puts it */
  constructor(program: string, args: readonly string[], cores: string | undefined = '1') {
    const [file, ...rest] = cores === undefined ? [program, ...args] : ['taskset', '-c', cores, program, ...args];
    this.child = spawn(file!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.end = atTheEnd(async () => this.child.kill());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  tell(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async stat(): Promise<ClientStat> {
    this.tell('stat');
    return (await this.answer()) as ClientStat;
  }

  async answer(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the load generator ended');
    return JSON.parse(value);
  }

  /** Polls until the condition holds; fails after the limit (ms). */
  async until(condition: (stat: ClientStat) => boolean, limitMs = 60_000): Promise<ClientStat> {
    const end = Date.now() + limitMs;
    for (;;) {
      const stat = await this.stat();
      if (condition(stat)) return stat;
      if (Date.now() > end) throw new Error(`the load generator did not get there: ${JSON.stringify(stat)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  quit(): void {
    void this.end.now();
  }
}
