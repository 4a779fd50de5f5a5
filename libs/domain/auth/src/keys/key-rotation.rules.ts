/** When signing keys are made and retired. Times in ms. */
export interface KeyTimes {
  readonly kid: string;
  /** From then on it signs, until the next key's `useFrom`. */
  readonly useFrom: number;
}

export interface RotationRule {
  readonly rotationMs: number;
  /** Between publishing a key and signing with it: far longer than gateways keep a key set without asking again. */
  readonly leadMs: number;
  /** From the last use of a key to the last moment at which one of its tokens may be looked at. */
  readonly longestTokenMs: number;
}

export interface RotationPlan {
  /** `useFrom` of keys to make. */
  readonly create: readonly number[];
  readonly retire: readonly string[];
}

/** The key that signs now: the youngest that may. */
export function currentKey<K extends KeyTimes>(keys: readonly K[], now: number): K | undefined {
  return keys.filter(({ useFrom }) => useFrom <= now).toSorted((a, b) => b.useFrom - a.useFrom || (a.kid < b.kid ? -1 : 1))[0];
}

/** There is always one key that signs and one, already published, that will. */
export function planRotation(keys: readonly KeyTimes[], now: number, { rotationMs, leadMs, longestTokenMs }: RotationRule): RotationPlan {
  const current = currentKey(keys, now);
  const hasNext = keys.some(({ useFrom }) => useFrom > now);
  const begun = current?.useFrom ?? now;
  const create = [...(current ? [] : [now]), ...(hasNext ? [] : [Math.max(begun + rotationMs, now + leadMs)])];
  return { create, retire: keys.filter((key) => isSpent(key, keys, now - longestTokenMs)).map(({ kid }) => kid) };
}

/** Some younger key had taken over already before `then`. */
const isSpent = (key: KeyTimes, keys: readonly KeyTimes[], then: number): boolean => keys.some(({ useFrom }) => useFrom > key.useFrom && useFrom <= then);
