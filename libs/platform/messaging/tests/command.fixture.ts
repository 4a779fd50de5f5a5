import type { CommandEnvelope, CommandReply } from '@veche/contracts';

export const done = (seq: number): CommandReply => ({ ok: true, id: `id-${seq}`, seq, epoch: 'e', ts: 1 });

export const command = (
  channel: string,
  index: number,
  { data = { index }, ms = 5000 }: { readonly data?: unknown; readonly ms?: number } = {},
): CommandEnvelope => ({
  kind: 'chat.send-message.v1',
  channel,
  actor: 'ann',
  command_id: `c-${index}`,
  data,
  meta: null,
  deadline: Date.now() + ms,
});
