import { describe, expect, it } from 'vitest';
import type { Entry, History, LogRecord, Projection, ReceiveEntry, Sample, SendEntry, WorkReport } from './history.ts';
import { hashOf } from './history.ts';
import { checkHistory } from './history-verdict.ts';
import { seededRandom } from './random.ts';

/** A whole number from 0 to `below` - 1. */
const randomOf = (seed: number) => {
  const random = seededRandom(seed);
  return (below: number): number => random.between(0, below - 1);
};

type Mutable = { -readonly [Key in keyof History]: History[Key] } & {
  entries: Entry[];
  log: LogRecord[];
  work: WorkReport;
  effects: string[];
  samples: Sample[];
  projections: Projection[];
};

/** 40 units of work of which some died, as many effects, bounds kept, projections that agree. */
function rightSystem(random: (below: number) => number): Pick<Mutable, 'work' | 'effects' | 'samples' | 'projections'> {
  const enqueued = Array.from({ length: 40 }, (_, index) => `w${index}`);
  const died = new Set(enqueued.filter((_, index) => index === 0 || random(6) === 0));
  const done = enqueued.filter((id) => !died.has(id));
  return {
    work: { enqueued, done, dead: [...died].map((id) => ({ id, cause: 'refused', attempts: 4 })), waiting: 0, maxAttempts: 4 },
    effects: [...done],
    samples: Array.from({ length: 20 }, () => ({ process: 'chat-1', name: 'rss', value: random(100), limit: 100 })),
    projections: ['threads', 'unread', 'notices'].map((name) => ({ name, stored: 'x', rebuilt: 'x' })),
  };
}

/** A right history: 4 channels, 3 senders that wait for answers, 4 subscribers that start anywhere; some sends refused, some unknown. */
function rightHistory(seed: number): Mutable {
  const random = randomOf(seed);
  const history: Mutable = { entries: [], log: [], ...rightSystem(random) };
  let t = 0;
  const heads = new Map<string, number>();
  const readers = [0, 1, 2, 3].flatMap((r) => [0, 1, 2, 3].map((c) => ({ process: `r${r}`, channel: `thread:${c}` })));
  for (const reader of readers) history.entries.push({ f: 'start', ...reader, after: 0, t: t++ });
  for (let i = 0; i < 160; i++) {
    const sender = `s${random(3)}`;
    const send = { f: 'send', process: sender, session: sender, channel: `thread:${random(4)}`, command_id: `c${i}` } as const;
    const hash = hashOf(`text ${i}`);
    history.entries.push({ ...send, type: 'invoke', hash, t: t++ });
    const fate = random(10);
    if (fate === 0) history.entries.push({ ...send, type: 'fail', t: t++ });
    if (fate === 0) continue;
    const seq = (heads.get(send.channel) ?? 0) + 1;
    heads.set(send.channel, seq);
    const record: LogRecord = { channel: send.channel, epoch: 'e1', seq, id: `id${i}`, command_id: send.command_id, hash };
    history.log.push(record);
    history.entries.push(fate === 1 ? { ...send, type: 'info', t: t++ } : { ...send, type: 'ok', seq, t: t++ });
    for (const { process } of readers.filter((reader) => reader.channel === send.channel))
      history.entries.push({ f: 'recv', process, channel: send.channel, epoch: 'e1', seq, id: record.id, hash, t: t++ });
  }
  return history;
}

type Fault = (history: Mutable, pick: (below: number) => number) => void;

const anyOf = <T extends Entry>(history: Mutable, pick: (below: number) => number, is: (entry: Entry) => entry is T): [T, number] => {
  const places = history.entries.flatMap((entry, index) => (is(entry) ? [index] : []));
  const index = places[pick(places.length)] ?? 0;
  return [history.entries[index] as T, index];
};
const received = (entry: Entry): entry is ReceiveEntry => entry.f === 'recv';
const sent =
  (type: SendEntry['type']) =>
  (entry: Entry): entry is SendEntry =>
    entry.f === 'send' && entry.type === type;

const faults: Record<string, Fault> = {
  'an acknowledged message missing from the log': (history, pick) => {
    const [send] = anyOf(history, pick, sent('ok'));
    history.log = history.log.filter((record) => record.command_id !== send.command_id);
  },
  'an acknowledged message stored twice': (history, pick) => {
    const [send] = anyOf(history, pick, sent('ok'));
    const head = history.log.filter((record) => record.channel === send.channel).length;
    const stored = history.log.find((record) => record.command_id === send.command_id);
    if (stored) history.log.push({ ...stored, seq: head + 1, id: 'again' });
  },
  'an answer with a wrong seq': (history, pick) => {
    const [send, index] = anyOf(history, pick, sent('ok'));
    history.entries[index] = { ...send, seq: (send.seq ?? 0) + 1 };
  },
  'an event never shown': (history, pick) => void history.entries.splice(anyOf(history, pick, received)[1], 1),
  'a lost tail': (history) => void history.entries.splice(history.entries.findLastIndex(received), 1),
  'a resume that was refused': (history, pick) => {
    const [{ process, channel, t }] = anyOf(history, pick, received);
    history.entries.push({ f: 'lost', process, channel, t });
  },
  'an event shown twice in a row': (history, pick) => {
    const [entry, index] = anyOf(history, pick, received);
    history.entries.splice(index + 1, 0, entry);
  },
  'an event shown again at the end': (history, pick) => void history.entries.push(anyOf(history, pick, received)[0]),
  'two events shown in the wrong order': (history, pick) => {
    const [entry, index] = anyOf(history, pick, (e): e is ReceiveEntry => received(e) && e.seq > 1);
    const before = history.entries.findIndex((e) => received(e) && e.process === entry.process && e.channel === entry.channel && e.seq === entry.seq - 1);
    [history.entries[before], history.entries[index]] = [entry, history.entries[before] as Entry];
  },
  'a ghost beyond the log': (history, pick) => {
    const [entry] = anyOf(history, pick, received);
    history.entries.push({ ...entry, seq: history.log.length + 1, id: 'ghost' });
  },
  'other bytes shown than stored': (history, pick) => {
    const [entry, index] = anyOf(history, pick, received);
    history.entries[index] = { ...entry, hash: hashOf('other') };
  },
  'another id shown than stored': (history, pick) => {
    const [entry, index] = anyOf(history, pick, received);
    history.entries[index] = { ...entry, id: 'other' };
  },
  'an event of another epoch': (history, pick) => {
    const [entry, index] = anyOf(history, pick, received);
    history.entries[index] = { ...entry, epoch: 'e0' };
  },
  'a refused message in the log': (history, pick) => {
    const [send] = anyOf(history, pick, sent('fail'));
    const seq = history.log.filter((record) => record.channel === send.channel).length + 1;
    history.log.push({ channel: send.channel, epoch: 'e1', seq, id: 'refused', command_id: send.command_id, hash: 'x' });
  },
  'an unknown message stored twice': (history, pick) => {
    const [send] = anyOf(history, pick, sent('info'));
    const stored = history.log.find((record) => record.command_id === send.command_id);
    const seq = history.log.filter((record) => record.channel === send.channel).length + 1;
    if (stored) history.log.push({ ...stored, seq });
  },
  'a message in the log that nobody sent': (history, pick) => {
    const channel = `thread:${pick(4)}`;
    const seq = history.log.filter((record) => record.channel === channel).length + 1;
    history.log.push({ channel, epoch: 'e1', seq, id: 'invented', command_id: 'invented', hash: 'x' });
  },
  'other bytes stored than sent': (history, pick) => {
    const index = pick(history.log.length);
    history.log[index] = { ...(history.log[index] as LogRecord), hash: hashOf('changed') };
  },
  'a hole in the numbering': (history, pick) => {
    const index = pick(history.log.length);
    history.log = history.log.map((record, at) =>
      at >= index && record.channel === history.log[index]?.channel ? { ...record, seq: record.seq + 1 } : record,
    );
  },
  'a message stored before one that was answered earlier': (history, pick) => {
    const [late] = anyOf(history, pick, sent('ok'));
    const early = history.entries.filter(sent('ok')).find((send) => send.channel === late.channel && (send.seq ?? 0) < (late.seq ?? 0));
    history.entries = history.entries.map((entry) =>
      entry.f === 'send' && entry.command_id === early?.command_id ? { ...entry, t: 1e9 + (entry.type === 'ok' ? 1 : 0) } : entry,
    );
  },
  'two pipelined messages of a session in the wrong order': (history, pick) => {
    const [late] = anyOf(history, pick, sent('ok'));
    const twin = history.entries
      .filter(sent('ok'))
      .find((send) => send.session === late.session && send.channel === late.channel && (send.seq ?? 0) < (late.seq ?? 0));
    if (!twin) return;
    history.entries = history.entries.map((entry) =>
      entry.f === 'send' && entry.type === 'invoke' && entry.command_id === late.command_id ? { ...entry, t: -1 } : entry,
    );
    history.entries.sort((a, b) => a.t - b.t);
  },
  'a subscriber that saw another event than the others': (history, pick) => {
    const [entry, index] = anyOf(history, pick, received);
    history.entries[index] = { ...entry, id: 'another', hash: hashOf('another') };
  },
  'an event shown long after the revocation': (history, pick) => {
    const [entry] = anyOf(history, pick, (e): e is ReceiveEntry => received(e) && e.seq > 1);
    history.revokeBoundMs = 0;
    history.entries.push({ f: 'revoke', process: entry.process, channel: entry.channel, seq: entry.seq - 1, t: entry.t - 1 });
  },
  'a unit of work that vanished': (history, pick) =>
    void (history.work = { ...history.work, done: history.work.done.toSpliced(pick(history.work.done.length), 1) }),
  'a unit of work that is done and dead': (history) => void (history.work = { ...history.work, done: [...history.work.done, history.work.dead[0]!.id] }),
  'a unit of work that nobody enqueued': (history) => void (history.work = { ...history.work, done: [...history.work.done, 'invented'] }),
  'a unit of work that waits for ever': (history, pick) => void (history.work = { ...history.work, waiting: 1 + pick(9) }),
  'a dead letter without a cause': (history) => void (history.work = { ...history.work, dead: history.work.dead.map((unit) => ({ ...unit, cause: '' })) }),
  'a dead letter after too many attempts': (history) =>
    void (history.work = { ...history.work, dead: history.work.dead.map((unit) => ({ ...unit, attempts: 5 })) }),
  'an effect that happened twice': (history, pick) => void history.effects.push(history.effects[pick(history.effects.length)]!),
  'a projection that differs from the log': (history, pick) => {
    const at = pick(history.projections.length);
    history.projections = history.projections.with(at, { ...history.projections[at]!, stored: 'y' });
  },
  'a bound that was exceeded': (history, pick) => {
    const at = pick(history.samples.length);
    history.samples = history.samples.with(at, { ...history.samples[at]!, value: 101 });
  },
};

describe('the history checker', () => {
  it('accepts right histories', () => {
    for (let seed = 1; seed <= 50; seed++) expect(checkHistory(rightHistory(seed)).violations).toEqual([]);
  });

  it('does not call a history right in which nothing was seen', () => {
    expect(checkHistory({ entries: [], log: [] }).valid).toBe('unknown');
  });

  for (const [name, plant] of Object.entries(faults)) {
    it(`finds ${name} at 200 random places`, () => {
      for (let seed = 1; seed <= 200; seed++) {
        const history: Mutable = rightHistory(seed);
        const before = structuredClone(history);
        plant(history, randomOf(seed * 7919));
        const planted = JSON.stringify(before) !== JSON.stringify(history);
        if (planted) expect(checkHistory(history as History).valid, `seed ${seed}`).toBe(false);
      }
    });
  }
});
