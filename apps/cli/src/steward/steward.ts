/** Writes at each pod what it costs to delete, so that the emptiest goes first. */
import type { Logger } from '@veche/platform-telemetry';
import { COST, costOf, knownCost, sessionsIn } from './cost.rules.ts';
import { ApiError, type KubernetesApi, type Pod } from './kubernetes-api.ts';

const SCRAPE_MS = 2_000;
const GONE = 404;

export interface StewardSettings {
  /** Of the pods that hold sessions. */
  readonly selector: string;
  /** The private port of those pods. */
  readonly port: number;
}

export class Steward {
  constructor(
    private readonly api: Pick<KubernetesApi, 'running' | 'annotate'>,
    private readonly settings: StewardSettings,
    private readonly log: Logger,
  ) {}

  /** Looks at every pod once; one that does not answer keeps what it has. Resolves with the number of pods that were patched. @throws ApiError for the list */
  async look(): Promise<number> {
    const pods = await this.api.running(this.settings.selector);
    const changed = await Promise.all(pods.map((pod) => this.judge(pod)));
    return changed.filter(Boolean).length;
  }

  private async judge(pod: Pod): Promise<boolean> {
    const { name, annotations, deletionTimestamp } = pod.metadata;
    // On its way out already: what it costs does not matter any more.
    if (deletionTimestamp !== undefined || pod.status.podIP === undefined) return false;
    try {
      const sessions = await this.sessionsOf(pod.status.podIP);
      const cost = costOf(sessions, knownCost(annotations?.[COST]));
      if (String(cost) === (annotations?.[COST] ?? '0')) return false;
      await this.api.annotate(name, { [COST]: String(cost) });
      this.log.info({ pod: name, sessions, cost }, 'a pod costs something else to delete');
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === GONE)) this.log.warn({ pod: name, err: error }, 'a pod could not be looked at; its cost stays');
      return false;
    }
  }

  private async sessionsOf(address: string): Promise<number> {
    const host = address.includes(':') ? `[${address}]` : address;
    const response = await fetch(`http://${host}:${this.settings.port}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS) });
    const page = await response.text();
    if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
    return sessionsIn(page);
  }
}
