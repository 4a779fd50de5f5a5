import { type ChannelOptions, type Grant, VecheError } from '@veche/contracts';

/** An inbox is its user's: known without asking, so that a connect waits for nobody. */
const OPTIONS: ChannelOptions = {
  durable: true,
  publications: 'signals',
  force_recovery: true,
  presence: false,
  join_leave: false,
  force_push_join_leave: false,
  presence_mode: 'edge',
};
const OWN: Grant = { subscribe: true, publish: false, history: true, presence: false, needs_token: false, options: OPTIONS };

/** @throws VecheError permission_denied: a stranger's inbox and one that does not exist answer alike. */
export function inboxGrant(user: string, inbox: string): Grant {
  if (user === '' || user !== inbox) throw new VecheError('permission_denied', 'not permitted: an inbox is read by its user only');
  return OWN;
}
