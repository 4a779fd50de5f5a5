/** What a member may do on the channel of a thread; membership alone decides, capabilities of tokens do not. */
import type { ChannelOptions, Grant, Role } from '@veche/contracts';

const OPTIONS: ChannelOptions = {
  durable: true,
  // Messages go by chat.send: what a client publishes on a thread is a signal, such as typing.
  publications: 'signals',
  force_recovery: true,
  presence: true,
  join_leave: true,
  force_push_join_leave: false,
  presence_mode: 'edge',
};

/** A stranger is answered like anyone who asks for a thread that does not exist. */
export const grantFor = (role: Role | undefined): Grant => ({
  subscribe: role !== undefined,
  publish: role !== undefined && role !== 'reader',
  history: role !== undefined,
  presence: role !== undefined,
  needs_token: false,
  options: OPTIONS,
});
