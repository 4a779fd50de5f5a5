/** Mistakes that somebody could make, each put into one place of the built code: fault runs must find every one of them. */
import type { Topology } from '@veche/testing';

export interface PlantedBug {
  /** End of the path of the built file. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** Where it shows. */
  readonly topology: Topology;
  /** Faults under which it shows soon, by name. */
  readonly under: readonly string[];
}

const realtime = 'libs/edge/realtime/dist';
const messaging = 'libs/platform/messaging/dist';
const RESTARTS = ['process killed', 'process frozen', 'rolling restart'];
const DATABASE = ['postgres killed', 'postgres cut at random bytes', 'postgres cut and refused', 'postgres frozen'];
const BROKER = ['owner killed', 'owner frozen', 'rabbitmq cut at random bytes', 'connections closed'];

export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  'acknowledged without waiting for the commit': {
    file: 'libs/platform/postgres/dist/transaction.js',
    right: 'await commit(client);',
    wrong: 'void commit(client).catch(() => undefined);',
    topology: 'redis',
    under: DATABASE,
  },
  'a failed commit is called done': {
    file: 'libs/platform/postgres/dist/transaction.js',
    right: "const result = await client.query('COMMIT').catch((error) => {",
    wrong: "const result = await client.query('COMMIT').catch((error) => { return { command: 'COMMIT' };",
    topology: 'redis',
    // Where a commit is lost on its way; one that the database has received is done, whatever becomes of the answer.
    under: ['postgres cut at random bytes'],
  },
  'a resend is a new command': {
    file: `${realtime}/operations/send-command.js`,
    right: 'command_id: commandId,\n            meta',
    wrong: 'command_id: randomUUID(),\n            meta',
    topology: 'redis',
    under: [...RESTARTS, ...DATABASE],
  },
  'an unknown outcome is called a refusal': {
    file: `${messaging}/commands/pending-command.js`,
    right: "UNKNOWN = refusal('outcome_unknown'",
    wrong: "UNKNOWN = refusal('unavailable'",
    topology: 'redis',
    under: DATABASE,
  },
  'an answer names the wrong place': {
    file: `${realtime}/operations/send-command.js`,
    right: 'const { id, seq, ts } = reply;',
    wrong: 'const { id, ts } = reply; const seq = Math.max(1, reply.seq - (Math.random() < 0.02 ? 1 : 0));',
    topology: 'redis',
    under: RESTARTS,
  },
  'a gap is forwarded': {
    file: `${realtime}/hub/seq-gate.rules.js`,
    right: "gate.last ? 'old' : 'gap'",
    wrong: "gate.last ? 'old' : 'next'",
    topology: 'redis',
    under: ['redis half open', 'redis cut at random bytes', 'redis killed'],
  },
  'a repeat is forwarded': {
    file: `${realtime}/hub/seq-gate.rules.js`,
    right: "gate.last ? 'old' : 'gap'",
    wrong: "gate.last ? 'next' : 'gap'",
    topology: 'distributed',
    under: BROKER,
  },
  'positions are not compared with the log': {
    file: `${realtime}/hub/position-check.js`,
    right: 'if (known.length === 0)',
    wrong: 'if (known.length >= 0)',
    topology: 'redis',
    under: ['redis half open', 'redis mute', 'redis frozen'],
  },
  'a resume begins one too far': {
    file: `${realtime}/subscribe/recovery.js`,
    right: 'await this.page(state, cursor.seq)',
    wrong: 'await this.page(state, cursor.seq + 1)',
    topology: 'redis',
    under: RESTARTS,
  },
  'a resume begins one too early': {
    file: `${realtime}/subscribe/recovery.js`,
    right: 'await this.page(state, cursor.seq)',
    wrong: 'await this.page(state, Math.max(0, cursor.seq - 1))',
    topology: 'redis',
    under: RESTARTS,
  },
  'a removed member sees on': {
    file: `${realtime}/control/cutter.js`,
    right: 'event.kind !== MemberRemoved.kind ||',
    wrong: 'event.kind ||',
    topology: 'redis',
    under: ['redis flushed', 'replica killed'],
  },
  'a projection is left out now and then': {
    file: 'libs/event-log/dist/owner/decide.js',
    right: 'if (project && events.length > 0)',
    wrong: 'if (project && events.length > 0 && Math.random() > 0.02)',
    topology: 'redis',
    under: RESTARTS,
  },
  'what was sent is called not sent': {
    file: `${messaging}/rabbitmq-commands/shipment.js`,
    right: 'replyTo === undefined && this.sends === 0',
    wrong: 'replyTo === undefined',
    topology: 'distributed',
    under: ['rabbitmq cut at random bytes', 'connections closed', 'rabbitmq killed'],
  },
  'what another owner took is called untouched': {
    file: `${messaging}/rabbitmq-commands/reply-records.js`,
    right: '!redelivered && headers',
    wrong: 'true || headers',
    topology: 'distributed',
    under: ['pgbouncer cut and refused', 'pgbouncer killed', 'postgres killed', 'owner killed'],
  },
  'two batches of a queue are under way at once': {
    file: `${messaging}/rabbitmq-commands/outgoing-queue.js`,
    right: 'await this.ship(batch)',
    wrong: 'void this.ship(batch)',
    topology: 'distributed',
    under: BROKER,
  },
};
