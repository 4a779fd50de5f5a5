/** Keys of one issuer, fetched and kept: a failing source never takes away a key that was good. */
import { VecheError } from '@veche/contracts';
import type { JwtHeader } from './compact-jwt.ts';
import { isObject } from './strict-json.ts';
import { publicKey, type VerificationKey } from './verification-key.ts';

/** A JWK Set (RFC 7517); our own service adds the `issuer` and `audience` that its tokens carry. */
export interface JwkSet {
  readonly keys: readonly unknown[];
  readonly issuer?: string;
  readonly audience?: string;
}

export interface RingTimes {
  /** A set older than this is fetched anew while the old one still serves. */
  readonly freshMs: number;
  /** An unknown kid causes at most one fetch within this time, so a flood of made-up kids is one fetch. */
  readonly unknownKidMs: number;
}

const TIMES: RingTimes = { freshMs: 60_000, unknownKidMs: 30_000 };
/** While no set was ever loaded, or the last fetch failed, tokens may cause one fetch in this time. */
const RETRY_MS = 1000;
const MAX_KEYS = 32;

interface RingEntry {
  readonly kid: unknown;
  readonly key: VerificationKey;
}

export class KeyRing {
  private entries: readonly RingEntry[] = [];
  private set: JwkSet | undefined;
  private text = '';
  private loadedAt = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | undefined;
  private failing = false;
  /** Grows when the keys change: what was verified with the keys before is to be verified again. */
  generation = 0;

  constructor(
    private readonly load: () => Promise<JwkSet>,
    private readonly failed: (error: unknown) => void = () => undefined,
    private readonly times: RingTimes = TIMES,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The last set that was good, however old; `undefined` before the first. */
  get current(): JwkSet | undefined {
    if (this.now() - this.loadedAt > this.times.freshMs && this.mayTry(RETRY_MS)) void this.refresh();
    return this.set;
  }

  /** Resolves with the set; rejects with `unavailable` while none could ever be fetched. */
  async loaded(): Promise<JwkSet> {
    if (!this.set && this.mayTry(RETRY_MS)) void this.refresh();
    await this.loading;
    if (!this.set) throw new VecheError('unavailable', 'the keys to check tokens with cannot be had at the moment; try again after a pause');
    return this.set;
  }

  /** The key for a token, without waiting. A token without kid is served if exactly one key fits its algorithm. */
  find({ alg, kid }: JwtHeader): VerificationKey | undefined {
    const fitting = this.entries.filter((entry) => (kid === undefined || entry.kid === kid) && entry.key.algorithms.includes(alg));
    return fitting.length === 1 ? fitting[0]?.key : undefined;
  }

  /** As `find`, but for an unknown kid fetches the set anew, unless that was done a moment ago. Rejects with `unavailable` when the source is. */
  async fetch(header: JwtHeader): Promise<VerificationKey | undefined> {
    await this.loaded();
    const known = this.find(header);
    if (known) return known;
    if (this.mayTry(this.failing ? RETRY_MS : this.times.unknownKidMs)) void this.refresh();
    await this.loading;
    const found = this.find(header);
    // The source may hold the key by now: "invalid" would send the client away for good.
    if (!found && this.failing) throw new VecheError('unavailable', 'the key of this token cannot be fetched at the moment; try again after a pause');
    return found;
  }

  private mayTry(pauseMs: number): boolean {
    return !this.loading && this.now() - this.triedAt >= pauseMs;
  }

  /** Never rejects. */
  private refresh(): Promise<void> {
    this.triedAt = this.now();
    this.loading = this.load()
      .then((set) => this.take(set))
      .then(
        () => (this.failing = false),
        (error: unknown) => {
          this.failing = true;
          this.failed(error);
        },
      )
      .then(() => (this.loading = undefined));
    return this.loading;
  }

  /** A set without one usable key is an error page in disguise: the old set stays. */
  private take(set: JwkSet): void {
    const text = JSON.stringify(set);
    if (text !== this.text) {
      const entries = set.keys.slice(0, MAX_KEYS).flatMap(entryOf);
      if (entries.length === 0) throw new Error('the key set holds no usable key');
      this.entries = entries;
      this.set = set;
      this.text = text;
      this.generation++;
    }
    this.loadedAt = this.now();
  }
}

function entryOf(jwk: unknown): RingEntry[] {
  const key = publicKey(jwk);
  return key && isObject(jwk) ? [{ kid: jwk['kid'], key }] : [];
}
