/** What an event means to notices: the log's language in, a handful of facts out. */
import { type ChannelEvent, type DataOf, type EventContract, MemberAdded, MemberRemoved, MessageSent, ThreadCreated, ThreadRead } from '@veche/contracts';
import { type Mentions, mentionsIn } from './mentions.rules.ts';

interface At {
  readonly seq: number;
  readonly actor: string;
  readonly ts: number;
}

export interface Said extends At {
  readonly fact: 'said';
  readonly message: string;
  readonly mentions: Mentions;
  readonly replyTo: string | undefined;
}

export interface Joined extends At {
  readonly fact: 'joined';
  readonly users: readonly string[];
}

export interface Left extends At {
  readonly fact: 'left';
  readonly user: string;
}

/** Of an inbox: its owner has read a thread. */
export interface Read extends At {
  readonly fact: 'read';
  readonly thread: string;
  readonly threadSeq: number;
}

export type ThreadFact = Said | Joined | Left;

/** Data that does not fit its schema is no fact: `unreadable` says so. Kinds that are not listed mean nothing here. */
export type Fact = ThreadFact | Read | 'nothing' | 'unreadable';

type Reader = (event: ChannelEvent, at: At, maxMentions: number) => Fact;

function reads<C extends EventContract>(contract: C, meaning: (data: DataOf<C>, at: At, event: ChannelEvent, maxMentions: number) => Fact): [string, Reader] {
  return [
    contract.kind,
    (event, at, maxMentions) => {
      const parsed = contract.schema.safeParse(jsonOf(event.data));
      return parsed.success ? meaning(parsed.data as DataOf<C>, at, event, maxMentions) : 'unreadable';
    },
  ];
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  reads(MessageSent, ({ text, reply_to_actor }, at, { id }, max) => ({
    ...at,
    fact: 'said',
    message: id,
    mentions: mentionsIn(text, max),
    replyTo: reply_to_actor,
  })),
  reads(ThreadCreated, ({ members }, at) => ({ ...at, fact: 'joined', users: members.map(({ user }) => user) })),
  reads(MemberAdded, ({ user }, at) => ({ ...at, fact: 'joined', users: [user] })),
  reads(MemberRemoved, ({ user }, at) => ({ ...at, fact: 'left', user })),
  reads(ThreadRead, ({ thread, seq }, at) => ({ ...at, fact: 'read', thread, threadSeq: seq })),
]);

export function factOf(event: ChannelEvent, maxMentions: number): Fact {
  const { seq, actor, ts } = event;
  return READERS.get(event.kind)?.(event, { seq, actor, ts }, maxMentions) ?? 'nothing';
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
