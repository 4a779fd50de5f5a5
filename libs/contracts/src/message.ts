/** The four message shapes: how a kind is declared, once, with its schema. */
import type { z } from 'zod';

export type Owner = 'auth' | 'chat' | 'channel' | 'notification';
export type Kind<Name extends string = string> = `${Owner}.${Name}.v${number}`;

export interface CommandContract<S extends z.ZodType = z.ZodType> {
  readonly shape: 'command';
  readonly kind: Kind;
  /** Of the command's `data`. */
  readonly schema: S;
  /** The channel's row is made if it does not exist. */
  readonly creates: boolean;
}

export interface EventContract<S extends z.ZodType = z.ZodType> {
  readonly shape: 'event';
  readonly kind: Kind;
  readonly schema: S;
}

export interface RequestContract<Q extends z.ZodType = z.ZodType, A = unknown> {
  readonly shape: 'request';
  readonly kind: Kind;
  readonly schema: Q;
  /** Never set: carries the answer's type. */
  readonly answer?: A;
}

export interface WorkContract<S extends z.ZodType = z.ZodType> {
  readonly shape: 'work';
  readonly kind: Kind;
  readonly schema: S;
  readonly class: 'critical' | 'normal' | 'bulk';
}

export type DataOf<C extends { readonly schema: z.ZodType }> = z.infer<C['schema']>;
export type AnswerOf<C> = C extends RequestContract<z.ZodType, infer A> ? A : never;

export const command = <S extends z.ZodType>(kind: Kind, schema: S, { creates = false } = {}): CommandContract<S> => ({
  shape: 'command',
  kind,
  schema,
  creates,
});
export const event = <S extends z.ZodType>(kind: Kind, schema: S): EventContract<S> => ({ shape: 'event', kind, schema });
export const request =
  <A>() =>
  <Q extends z.ZodType>(kind: Kind, schema: Q): RequestContract<Q, A> => ({ shape: 'request', kind, schema });
export const work = <S extends z.ZodType>(kind: Kind, schema: S, workClass: WorkContract['class']): WorkContract<S> => ({
  shape: 'work',
  kind,
  schema,
  class: workClass,
});
