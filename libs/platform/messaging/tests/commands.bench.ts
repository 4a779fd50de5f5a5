/**
 * CPU of a command over RabbitMQ, without a database: on the built packages, `node libs/platform/messaging/tests/commands.bench.ts`.
 * One door and one owner in this process, a private broker whose idle spinning is off, or it would be billed to us.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { CommandReply } from '@veche/contracts';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { type MessagingAdapter, messagingConfig, MessagingTelemetry, RabbitMqAdapter, RabbitMqTelemetry } from '@veche/platform-messaging';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { startRabbitMq } from '@veche/testing';

const SECONDS = 6;
const TICKS_PER_SECOND = 100;

export interface CommandFigures {
  readonly waiting: number;
  readonly commandsPerSecond: number;
  /** µs of CPU a command: the door and the owner together; the broker. */
  readonly nodeCpu: number;
  readonly brokerCpu: number;
  readonly batch: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** User and system time of a process and its threads' parent, in µs. */
function cpuOf(pid: number): number {
  const own = (each: number): number[] => readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
  const family = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => each === pid || parentOf(each) === pid);
  return family.reduce((sum, each) => sum + ((own(each)[11]! + own(each)[12]!) * 1e6) / TICKS_PER_SECOND, 0);
}

function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
  } catch {
    return 0;
  }
}

async function measure(
  door: MessagingAdapter,
  waiting: number,
  { pid, batches }: { readonly pid: number; readonly batches: number[] },
): Promise<CommandFigures> {
  const latencies: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  const cpu = process.cpuUsage();
  const broker = cpuOf(pid);
  batches.length = 0;
  const text = 'x'.repeat(150);
  const loop = async (index: number): Promise<void> => {
    for (let each = 0; performance.now() < end; each++) {
      const began = performance.now();
      const reply = await door.commands.send({
        kind: 'chat.send-message.v1',
        channel: `thread:${index % 200}`,
        actor: `user-${index}`,
        command_id: `c-${index}-${each}`,
        data: { text },
        meta: null,
        deadline: Date.now() + 5000,
      });
      if (!reply.ok) throw new Error(reply.message);
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: waiting }, (_, index) => loop(index)));
  const { user, system } = process.cpuUsage(cpu);
  const count = latencies.length;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Number(latencies[Math.floor(count * share)]!.toFixed(1));
  return {
    waiting,
    commandsPerSecond: Math.round(count / SECONDS),
    nodeCpu: Number(((user + system) / count).toFixed(1)),
    brokerCpu: Number(((cpuOf(pid) - broker) / count).toFixed(1)),
    batch: Number((count / batches.length).toFixed(1)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

const adapter = (url: string): RabbitMqAdapter => {
  const [metrics, logger] = [new Metrics(), Logger.silent()];
  return new RabbitMqAdapter({
    config: valuesOf(loadConfig([messagingConfig], {}), messagingConfig),
    rabbitmq: { RABBITMQ_URL: [url], RABBITMQ_PREFIX: 'bench' },
    telemetry: new MessagingTelemetry(metrics, logger),
    brokerTelemetry: new RabbitMqTelemetry(metrics, logger),
  });
};

export async function benchCommands(): Promise<CommandFigures[]> {
  process.env['RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS'] = '+sbwt none +sbwtdcpu none +sbwtdio none';
  const server = await startRabbitMq();
  const [owner, door] = [adapter(server.url), adapter(server.url)];
  const batches: number[] = [];
  let seq = 0;
  const process_ = async (batch: readonly unknown[]): Promise<CommandReply[]> => {
    batches.push(batch.length);
    return batch.map(() => ({ ok: true, id: '0192f0c1-2345-7678-9abc-def012345678', seq: ++seq, epoch: 'abcdefgh', ts: 1_700_000_000_000 }));
  };
  try {
    await owner.serve({ requests: new Map(), work: new Map(), commands: { process: process_ } });
    await door.serve({ requests: new Map(), work: new Map() });
    await measure(door, 100, { pid: server.pid, batches });
    const figures: CommandFigures[] = [];
    for (const waiting of [1, 50, 400, 2000]) figures.push(await measure(door, waiting, { pid: server.pid, batches }));
    return figures;
  } finally {
    await Promise.all([door.stop(), owner.stop()]);
    await server.remove();
  }
}

if (import.meta.main) console.table(await benchCommands());
