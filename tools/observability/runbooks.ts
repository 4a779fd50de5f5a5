/** What a runbook names: whoever follows it at three in the morning must not find that it is called otherwise. */

/** Metrics, also those of a pattern: `veche_pool_(idle|open)` is two. A name may be the beginning of several. */
export function metricsIn(text: string): readonly string[] {
  const patterns = [...text.matchAll(/\bveche_(?:\w|\((?:[\w|]|\([\w|]*\))*\))*/g)];
  return [...new Set(patterns.flatMap(([pattern]) => expanded(pattern)))].toSorted();
}

/** `a_(b|c)_d` as its alternatives, the innermost group first. */
function expanded(pattern: string): string[] {
  const [group, inside] = /\(([^()]*)\)/.exec(pattern) ?? [];
  if (group === undefined || inside === undefined) return pattern.split('|');
  return inside.split('|').flatMap((part) => expanded(pattern.replace(group, part)));
}

/** Environment variables of Veche, as code has them: `PG_POOL_SIZE`. */
export const settingsIn = (text: string): readonly string[] => [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name);

/** Commands of the command line: `dlq list`. */
export const commandsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:main\.js|`)\s*(dlq|topology)\b ?([a-z]*)/g)].map(([, name = '', sub = '']) => `${name} ${sub}`.trim());
