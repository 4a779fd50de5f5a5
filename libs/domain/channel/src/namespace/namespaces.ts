/** Finds the options of a channel. */
import type { Channel } from '@veche/contracts';
import type { ChannelsConfig } from '../channels.config.ts';
import { DefaultNamespace, type NamespaceOptions, NamespaceList } from './namespace.rules.ts';
import { parseSource } from './source.ts';

/** Centrifugo's mark of a channel that needs a subscription token; it stands before the namespace. */
export const PRIVATE_PREFIX = '$';

export class Namespaces {
  private readonly named: ReadonlyMap<string, NamespaceOptions>;

  /** @throws when the configuration was not validated before */
  constructor(config: ChannelsConfig) {
    const list = parseSource(config.CHANNELS_NAMESPACES, NamespaceList);
    const rest = parseSource(config.CHANNELS_DEFAULT, DefaultNamespace);
    if ('problems' in list || 'problems' in rest) throw new Error('the namespaces have changed since they were validated: start again');
    this.named = new Map([['', rest.data], ...list.data.map((namespace) => [namespace.name, namespace] as const)]);
  }

  /** `undefined` when the channel's namespace is not configured. */
  of({ namespace }: Channel): NamespaceOptions | undefined {
    return this.named.get(namespace.startsWith(PRIVATE_PREFIX) ? namespace.slice(PRIVATE_PREFIX.length) : namespace);
  }
}
