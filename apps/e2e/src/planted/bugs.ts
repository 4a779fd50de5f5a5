/** Mistakes that somebody could make, each put into one place of the built code: fault runs must find every one of them. */
export interface PlantedBug {
  /** End of the path of the built file. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** Faults under which it shows, by name; default: any. */
  readonly under?: readonly string[];
}

const hub = 'libs/edge/realtime/dist/hub';
const subscribe = 'libs/edge/realtime/dist/subscribe';

export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  'acknowledged without waiting for the commit': {
    file: 'libs/platform/postgres/dist/transaction.js',
    right: 'await commit(client);',
    wrong: 'void commit(client).catch(() => undefined);',
    under: ['postgres killed', 'pgbouncer killed', 'pgbouncer cut at random bytes', 'postgres cut at random bytes'],
  },
  'a resend is a new command': {
    file: 'libs/edge/realtime/dist/operations/send-command.js',
    right: 'command_id: commandId,',
    wrong: 'command_id: randomUUID(),',
  },
  'an unknown outcome is called a refusal': {
    file: 'libs/edge/realtime/dist/operations/send-command.js',
    right: 'throw new VecheError(reply.error,',
    wrong: "throw new VecheError(reply.error === 'outcome_unknown' ? 'bad_request' : reply.error,",
  },
  'a gap is forwarded': { file: `${hub}/seq-gate.rules.js`, right: "gate.last ? 'old' : 'gap'", wrong: "gate.last ? 'old' : 'next'" },
  'a repeat is forwarded': { file: `${hub}/seq-gate.rules.js`, right: "gate.last ? 'old' : 'gap'", wrong: "gate.last ? 'next' : 'gap'" },
  'positions are not compared with the log': { file: `${hub}/position-check.js`, right: 'if (known.length === 0)', wrong: 'if (known.length >= 0)' },
  'a resume begins one too far': {
    file: `${subscribe}/recovery.js`,
    right: 'await this.page(state, cursor.seq)',
    wrong: 'await this.page(state, cursor.seq + 1)',
  },
  'a resume begins one too early': {
    file: `${subscribe}/recovery.js`,
    right: 'await this.page(state, cursor.seq)',
    wrong: 'await this.page(state, Math.max(0, cursor.seq - 1))',
  },
  'a removed member sees on': {
    file: 'libs/edge/realtime/dist/control/cutter.js',
    right: 'event.kind !== MemberRemoved.kind ||',
    wrong: 'event.kind ||',
    under: ['redis is flushed', 'process killed'],
  },
};
