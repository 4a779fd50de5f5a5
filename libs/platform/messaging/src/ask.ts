/** Requests and work with the types of their contracts. */
import type { AnswerOf, RequestContract, WorkContract } from '@veche/contracts';
import type { z } from 'zod';
import type { RequestBus, WorkBus } from './ports.ts';

/**
 * Asks the owner of a contract.
 * @throws VecheError `unavailable`, `outcome_unknown` at the deadline, or what the service refused with
 */
export const ask = <C extends RequestContract>(
  bus: RequestBus,
  contract: C,
  query: z.input<C['schema']>,
  options?: { readonly timeoutMs?: number },
): Promise<AnswerOf<C>> => bus.ask(contract.kind, query, options) as Promise<AnswerOf<C>>;

/** Queues a unit of work under its idempotency key. */
export const enqueue = <C extends WorkContract>(bus: WorkBus, contract: C, id: string, data: z.input<C['schema']>): Promise<void> =>
  bus.enqueue({ kind: contract.kind, class: contract.class, id, data });
