/** Names that a text mentions: `@login` or `@<user id>`. */

// Not behind a letter, digit or the rest of a login: `bob@example.org` mentions nobody.
const BEFORE = String.raw`(?<![\p{L}\p{N}_.+\-/@])`;
const LOGIN = new RegExp(`${BEFORE}@([a-z0-9_.@+-]{1,64})(?![a-z0-9_.@+-])`, 'giu');
const USER_ID = new RegExp(`${BEFORE}@([A-Za-z0-9_.:/@|+=~-]{1,96})(?![A-Za-z0-9_.:/@|+=~-])`, 'gu');
/** Signs that a name may have and a sentence may put behind it. */
const LAST_SIGN = /[^A-Za-z0-9]$/;

export interface Mentions {
  /** In lower case, as logins are. For each mention the longest name that exists is meant. */
  readonly logins: readonly Candidates[];
  readonly ids: readonly Candidates[];
}

/** What one mention may mean, the longest first: "@anna." is "anna." if there is such a login, else "anna". */
export type Candidates = readonly string[];

const NONE: Mentions = { logins: [], ids: [] };

/** At most `max` different mentions: the first ones. */
export function mentionsIn(text: string, max: number): Mentions {
  if (max === 0 || !text.includes('@')) return NONE;
  return { logins: namesIn(text, LOGIN, max, (name) => name.toLowerCase()), ids: namesIn(text, USER_ID, max, (name) => name) };
}

function namesIn(text: string, pattern: RegExp, max: number, fold: (name: string) => string): Candidates[] {
  const names = new Map<string, Candidates>();
  for (const [, name = ''] of text.matchAll(pattern)) {
    const folded = fold(name);
    if (!names.has(folded)) names.set(folded, candidates(folded));
    if (names.size === max) break;
  }
  return [...names.values()].filter(({ length }) => length > 0);
}

function candidates(name: string): Candidates {
  const found = [];
  for (let rest = name; rest !== ''; rest = rest.slice(0, -1)) {
    found.push(rest);
    if (!LAST_SIGN.test(rest)) break;
  }
  return found.some((candidate) => /[A-Za-z0-9]/.test(candidate)) ? found : [];
}
