import { checkHistory, eventually } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Campaign, type CampaignSize } from '../src/campaign.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const SIZE: CampaignSize = { threads: 50, clients: 200, others: 12, messages: 20_000, senders: 60 };
const KILLS = 12;
const UNLIMITED = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' };

describe('twenty thousand messages through every door while the server is killed', () => {
  let server: Veche;
  let campaign: Campaign;

  beforeAll(async () => {
    server = await startVeche({ env: UNLIMITED });
    campaign = new Campaign(server.origin, SIZE);
    await campaign.gather();
  });

  afterAll(async () => {
    await campaign.disperse();
    await server.stop();
  });

  it('nothing acknowledged is lost, doubled, reordered or invented', { timeout: 900_000 }, async () => {
    const kills = new Killer(server, SIZE.messages, KILLS);
    await campaign.run((answered) => kills.after(answered));
    await kills.done;
    const log = await campaign.dump();
    await eventually(() => campaign.caughtUp(log), { timeoutMs: 60_000 });
    const verdict = checkHistory({ entries: campaign.history.entries, log });
    console.log(`${kills.count} kills; ${JSON.stringify(verdict.counts)}`);
    expect(verdict.violations.slice(0, 20)).toEqual([]);
    expect(verdict.valid).toBe(true);
    expect(kills.count).toBeGreaterThanOrEqual(10);
    expect(verdict.counts.acknowledged).toBe(SIZE.messages + SIZE.threads);
  });
});

/** Kills the server at random moments of the run, one kill at a time. */
class Killer {
  count = 0;
  done: Promise<void> = Promise.resolve();
  private next: number;
  private busy = false;

  constructor(
    private readonly server: Veche,
    private readonly messages: number,
    private readonly kills: number,
  ) {
    this.next = this.moment();
  }

  after(answered: number): void {
    if (this.busy || this.count >= this.kills || answered < this.next) return;
    this.busy = true;
    this.count++;
    this.done = this.server.crashSome().then(() => {
      this.next = answered + this.moment();
      this.busy = false;
    });
  }

  /** So many answers later: on average the kills fill the run. */
  private moment(): number {
    return 1 + Math.floor(Math.random() * 1.6 * (this.messages / (this.kills + 2)));
  }
}
