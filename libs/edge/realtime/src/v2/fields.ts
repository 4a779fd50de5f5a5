/** Reads the fields of a command. Absent and null are the zero value; a field of another type breaks the protocol, as it does in the reference. */
import { ProtocolViolation } from './codec.ts';

type Params = Readonly<Record<string, unknown>>;

export function text(params: Params, name: string): string {
  const value = params[name] ?? '';
  if (typeof value !== 'string') throw new ProtocolViolation(`${name} is not a string`);
  return value;
}

export function flag(params: Params, name: string): boolean {
  const value = params[name] ?? false;
  if (typeof value !== 'boolean') throw new ProtocolViolation(`${name} is not true or false`);
  return value;
}

export function whole(params: Params, name: string): number {
  const value = params[name] ?? 0;
  if (!Number.isSafeInteger(value)) throw new ProtocolViolation(`${name} is not a whole number`);
  return value as number;
}

/** Never negative. */
export function count(params: Params, name: string): number {
  const value = whole(params, name);
  if (value < 0) throw new ProtocolViolation(`${name} is negative`);
  return value;
}

const MAX_UINT64 = 2 ** 64;

/** A position: any number that the protocol can carry; those beyond ours are a position that no channel has reached. */
export function seqOf(params: Params): number {
  const value = params['offset'] ?? 0;
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MAX_UINT64) throw new ProtocolViolation('offset is not a position');
  return Math.min(value as number, Number.MAX_SAFE_INTEGER);
}

export function object(params: Params, name: string): Params | undefined {
  const value = params[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw new ProtocolViolation(`${name} is not an object`);
  return value as Params;
}

/** A command without its channel breaks the protocol. */
export function channelOf(params: Params): string {
  const channel = text(params, 'channel');
  if (channel === '') throw new ProtocolViolation('no channel');
  return channel;
}
