import { ThreadCreated } from '@veche/contracts';
import { type HistoryRecorder, hashOf } from '@veche/testing';
import { createThread, type Person } from '../../../apps/e2e/src/people.ts';

/** A new thread, whose first event the history knows as sent: it is in the log like every other. @returns its channel */
export async function openThread(origin: string, owner: Person, members: readonly Person[], history: HistoryRecorder): Promise<string> {
  const { channel, command_id, seq } = await createThread(origin, owner, `thread of ${owner.login}`, members);
  const entry = { f: 'send', process: owner.login, channel, command_id } as const;
  history.add({ ...entry, type: 'invoke', hash: hashOf(ThreadCreated.kind) });
  history.add({ ...entry, type: 'ok', seq });
  return channel;
}
