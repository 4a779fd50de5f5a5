import { parseChannel } from '@veche/contracts';
import type { KeptHistory, Retention } from '@veche/event-log';
import { hasHistory } from './namespace.rules.ts';
import type { Namespaces } from './namespaces.ts';

/** What the trim keeps of an application channel. */
export class NamespaceRetention implements Retention {
  private readonly namespaces: Namespaces;

  constructor(namespaces: Namespaces) {
    this.namespaces = namespaces;
  }

  /** A namespace that lost its history, or its whole configuration, loses nothing by that: what to do with it is a person's decision. */
  of(channel: string): KeptHistory | undefined {
    const parsed = parseChannel(channel);
    const options = parsed && this.namespaces.of(parsed);
    return options && hasHistory(options) ? { size: options.history_size, ttl_ms: options.history_ttl } : undefined;
  }
}
