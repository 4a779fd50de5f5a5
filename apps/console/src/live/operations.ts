/** Types of the operations that the page asks; nothing of it is left in the bundle. */
import type { AnswerOf, CommandDone, FindUsers, GetThread, ListMembers, ListMessages, ListNotices, ListThreads, OperationName } from '@veche/contracts';

/** A command's answer over RPC. */
export type Done = Pick<CommandDone, 'id' | 'seq' | 'ts'> & { readonly channel?: string };

interface Answers {
  'chat.threads': AnswerOf<typeof ListThreads>;
  'chat.thread': AnswerOf<typeof GetThread>;
  'chat.members': AnswerOf<typeof ListMembers>;
  'chat.history': AnswerOf<typeof ListMessages>;
  'notification.list': AnswerOf<typeof ListNotices>;
  'auth.users': AnswerOf<typeof FindUsers>;
}

export type AskName = OperationName;
export type Answer<N extends AskName> = N extends keyof Answers ? Answers[N] : Done;
export type Params = Readonly<Record<string, unknown>>;
