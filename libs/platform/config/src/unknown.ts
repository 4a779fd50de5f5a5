/** Finds misspelt variables: one that carries our prefix and no setting reads would be silently ignored otherwise. */

/** Variables that others put into every process and that only look like ours. */
const FOREIGN = new Set(['HTTP_PROXY', 'LOG_NAME']);
/** What Kubernetes and Docker inject for each service in reach: `CHAT_SERVICE_HOST`, `CHAT_PORT_8000_TCP_ADDR`. */
const SERVICE_LINK = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/;
const LINK_URL = /^(tcp|udp):\/\//;

/**
 * Under these, processes of different kinds read different settings (`AUTH_` in the auth service and at the doors), and one environment
 * may be given to all of them; `OTEL_` belongs to OpenTelemetry, whose operator puts into every process also what we do not read.
 * So there only what looks misspelt is refused: one or two letters away from a setting.
 */
const DIVIDED = new Set(['AUTH_', 'HTTP_', 'OTEL_']);
const MISSPELT = 2;

/** A sentence for each variable with one of the known prefixes that is not known itself. */
export function unknownVariables(known: readonly string[], env: Environment): string[] {
  const names = new Set(known);
  const prefixes = new Set(known.map(prefixOf));
  return Object.entries(env)
    .filter(([name, value]) => prefixes.has(prefixOf(name)) && !names.has(name) && !isForeign(name, value) && !isElsewhere(name, known))
    .map(([name]) => `${name} is not a setting${suggestion(name, known)}`);
}

export type Environment = Readonly<Record<string, string | undefined>>;

const prefixOf = (name: string): string => name.slice(0, name.indexOf('_') + 1) || name;

const isForeign = (name: string, value = ''): boolean => value === '' || FOREIGN.has(name) || SERVICE_LINK.test(name) || LINK_URL.test(value);

const isElsewhere = (name: string, known: readonly string[]): boolean => DIVIDED.has(prefixOf(name)) && (nearestOf(name, known)?.distance ?? 0) > MISSPELT;

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known);
  return nearest && nearest.distance <= name.length / 2 ? `; did you mean ${nearest.candidate}?` : '; remove it';
}

const nearestOf = (name: string, known: readonly string[]): { readonly candidate: string; readonly distance: number } | undefined =>
  known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) })).toSorted((a, b) => a.distance - b.distance)[0];

/** Levenshtein distance; names are short and this runs once, so the quadratic form is fine. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
