/** Which publications enter a log. */
import { type Channel, type ErrorName, MAX_JSON_DEPTH, type Publish, VecheError } from '@veche/contracts';
import { authorize } from '../access/grant.rules.ts';
import type { Namespaces } from '../namespace/namespaces.ts';

export interface Refused {
  readonly refuse: ErrorName;
  readonly message: string;
}

const refused = (refuse: ErrorName, message: string): Refused => ({ refuse, message });

/** Backends publish under the name of their key; no user may have such an id. */
export const API_ACTOR = 'api:';

/** `undefined` lets the publication through. */
export function mayPublish(namespaces: Namespaces, channel: Channel, actor: string, publication: Publish): Refused | undefined {
  return mayWrite(namespaces, channel, actor, publication) ?? wellFormed(publication.json);
}

function mayWrite(namespaces: Namespaces, channel: Channel, actor: string, { caps, subscribed }: Publish): Refused | undefined {
  const backend = actor.startsWith(API_ACTOR);
  if (channel.kind === 'thread') return refused('not_available', 'messages of a thread go by chat.send');
  try {
    const { publish, when_subscribed = [], options } = authorize(namespaces, channel, { user: actor, caps });
    if (!backend && !publish && !(subscribed && when_subscribed.includes('publish')))
      return refused('permission_denied', 'not permitted to publish to this channel');
    // An inbox takes events of backends; for clients it is closed anyway.
    return options.publications === 'events' || channel.kind === 'user'
      ? undefined
      : refused('not_available', 'the namespace keeps no history: its publications are signals');
  } catch (error) {
    if (error instanceof VecheError) return refused(error.error, error.message);
    throw error;
  }
}

/** The database would refuse such a text too, but with the whole batch. */
function wellFormed(json: string): Refused | undefined {
  try {
    JSON.parse(json);
  } catch {
    return refused('bad_request', 'data: must be JSON');
  }
  return nesting(json) > MAX_JSON_DEPTH ? refused('bad_request', `data: at most ${MAX_JSON_DEPTH} levels of arrays and objects`) : undefined;
}

/** Levels of arrays and objects in a valid JSON text. */
export function nesting(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [mark] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (mark === '[' || mark === '{') deepest = Math.max(deepest, ++depth);
    else if (mark === ']' || mark === '}') depth--;
  }
  return deepest;
}
