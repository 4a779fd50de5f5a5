import { Injectable } from '@nestjs/common';
import {
  type Control,
  DescribeNode,
  type ErrorName,
  ListChannels,
  ListSessions,
  type NodeInfo,
  type SessionInfo,
  SteerSessions,
  VecheError,
} from '@veche/contracts';
import { NodeCalls, type Survey } from '../node/index.ts';

/** What is known of the cluster; `complete` is false while some process of the edge has not answered in time. */
export interface Seen<T> {
  readonly found: T;
  readonly complete: boolean;
}

const STATE_MS = 2_000;
const STEER_MS = 3_000;

/** Sessions of all processes of the edge together: looked at, and acted on. */
@Injectable()
export class Cluster {
  constructor(private readonly calls: NodeCalls) {}

  /**
   * Channels with subscribers, and how many. @param pattern '' for all; `*` any characters, `?` one
   * @throws VecheError `limit_exceeded` when a process has more of them than it can say
   */
  async channels(pattern: string): Promise<Seen<ReadonlyMap<string, number>>> {
    const survey = requireShort(await this.calls.survey(ListChannels, { pattern }, { timeoutMs: STATE_MS }));
    const found = new Map<string, number>();
    for (const { answer } of survey.answers) for (const [channel, clients] of answer.channels) found.set(channel, (found.get(channel) ?? 0) + clients);
    return { found, complete: survey.complete };
  }

  async nodes(): Promise<Seen<readonly NodeInfo[]>> {
    const { answers, complete } = await this.calls.survey(DescribeNode, {}, { timeoutMs: STATE_MS });
    return { found: answers.map(({ answer }) => answer), complete };
  }

  /** Live sessions of a user, with the process that holds each. */
  async sessions(user: string): Promise<Seen<readonly (SessionInfo & { readonly node: string })[]>> {
    const survey = requireShort(await this.calls.survey(ListSessions, { user }, { timeoutMs: STATE_MS }));
    return { found: survey.answers.flatMap(({ node, answer }) => answer.sessions.map((session) => ({ ...session, node }))), complete: survey.complete };
  }

  /**
   * Does something to the sessions it names, wherever they are; resolves once every process has done so.
   * @throws VecheError what it was refused with if no session took it; `outcome_unknown` when a process has not confirmed it in time
   */
  async steer(control: Control): Promise<void> {
    const { answers, complete } = await this.calls.survey(SteerSessions, control, { timeoutMs: STEER_MS });
    const refused = answers.find(({ answer }) => answer.refused)?.answer.refused;
    const sessions = answers.reduce((sum, { answer }) => sum + answer.sessions, 0);
    if (refused && sessions === 0) throw new VecheError(refused.error as ErrorName, refused.message);
    if (!complete) throw new VecheError('outcome_unknown', 'not every process of the edge has confirmed it: do it again', [], 1_000);
  }
}

function requireShort<A>(survey: Survey<A>): Survey<A> {
  if (survey.refusals.includes('limit_exceeded')) throw new VecheError('limit_exceeded', 'too much to say in one answer: narrow it by a pattern');
  return survey;
}
