/** What a namespace is and which configurations of one make sense; the meanings are Centrifugo's. */
import { z } from 'zod';

/** Who may do something on the channels of a namespace, from everybody to nobody. */
export const OPEN_TO = ['anyone', 'signed_in', 'members', 'subscribers', 'token', 'server'] as const;
export type OpenTo = (typeof OPEN_TO)[number];

const UNITS = { h: 3_600_000, m: 60_000, s: 1000 } as const;
const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const MAX_TTL_MS = 10 * 365 * 24 * UNITS.h;

/** Milliseconds of "10m", "1h30m", "300s"; `undefined` for anything else. */
export function durationMs(text: string): number | undefined {
  const [, hours = '0', minutes = '0', seconds = '0'] = (text !== '' && DURATION.exec(text)) || [];
  return text !== '' && DURATION.test(text) ? Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds) * UNITS.s : undefined;
}

const Ttl = z.union([z.number(), z.string()]).transform((given, context) => {
  const ms = typeof given === 'number' ? given * 1000 : durationMs(given);
  if (ms !== undefined && Number.isInteger(ms) && ms >= 0 && ms <= MAX_TTL_MS && ms % 1000 === 0) return ms;
  context.addIssue({ code: 'custom', message: 'must be whole seconds, or a duration such as "10m", "1h30m", "300s"' });
  return z.NEVER;
});

const Who = z.enum(OPEN_TO);
/** Subscribing cannot be for those who are subscribed. */
const WhoSubscribes = Who.exclude(['subscribers']);

const OPTIONS = {
  /** Publications kept for each channel; 0: none, publications are signals. */
  history_size: z.int().min(0).max(1_000_000).default(0),
  /** Milliseconds, once parsed. */
  history_ttl: Ttl.default(0),
  force_recovery: z.boolean().default(false),
  presence: z.boolean().default(false),
  join_leave: z.boolean().default(false),
  force_push_join_leave: z.boolean().default(false),
  // Like a Centrifugo namespace without a word about rights: nothing goes without a token that the operator has signed.
  subscribe: WhoSubscribes.default('token'),
  publish: Who.default('token'),
  read_history: Who.default('token'),
  read_presence: Who.default('token'),
};

const RESERVED = ['thread', 'user'];
const Name = z
  .string()
  .regex(/^[-a-zA-Z0-9_.]{2,64}$/, 'must be 2 to 64 characters of a-z A-Z 0-9 _ . -')
  .refine((name) => !RESERVED.includes(name), 'thread and user are channels of the platform itself');

interface Combination {
  readonly history_size: number;
  readonly history_ttl: number;
  readonly force_recovery: boolean;
  readonly join_leave: boolean;
  readonly force_push_join_leave: boolean;
}

/** Settings that contradict each other would silently do nothing. */
function contradictions({ history_size, history_ttl, force_recovery, join_leave, force_push_join_leave }: Combination): string[] {
  const history = history_size > 0 && history_ttl > 0;
  return [
    history_size > 0 && history_ttl === 0 ? 'history_size needs a history_ttl: give both for history, or neither' : '',
    history_ttl > 0 && history_size === 0 ? 'history_ttl needs a history_size: give both for history, or neither' : '',
    force_recovery && !history ? 'force_recovery needs history_size and history_ttl' : '',
    force_push_join_leave && !join_leave ? 'force_push_join_leave needs join_leave' : '',
  ].filter(Boolean);
}

const checked = <S extends z.ZodType<Combination>>(schema: S): S =>
  schema.superRefine((options, context) => contradictions(options).forEach((message) => context.addIssue({ code: 'custom', message }))) as S;

/** Of channels without a namespace: those whose name has no colon. */
export const DefaultNamespace = checked(z.strictObject(OPTIONS));
export type NamespaceOptions = z.infer<typeof DefaultNamespace>;

const Namespace = checked(z.strictObject({ name: Name, ...OPTIONS }));
export type Namespace = z.infer<typeof Namespace>;

export const NamespaceList = z.array(Namespace).superRefine((namespaces, context) => {
  const names = namespaces.map(({ name }) => name);
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is there twice` });
  });
});

export const hasHistory = ({ history_size, history_ttl }: NamespaceOptions): boolean => history_size > 0 && history_ttl > 0;
