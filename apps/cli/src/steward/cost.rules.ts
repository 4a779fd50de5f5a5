/** What a pod costs to delete: pure decisions. */

/** Kubernetes removes pods of a low cost first when a Deployment shrinks; a pod without one costs 0. */
export const COST = 'controller.kubernetes.io/pod-deletion-cost';

/** A pod that hovers around a border would be patched with every look: it must be past it by this share. */
const SLACK = 0.1;

/** Doubling sessions cost one more: each pod is patched a dozen times between empty and ten thousand, and pods that are about as full cost the same. */
const bucketOf = (sessions: number): number => (sessions < 1 ? 0 : Math.floor(Math.log2(sessions)) + 1);

/** @param known what it costs by its annotation; undefined: nothing was written yet */
export function costOf(sessions: number, known: number | undefined): number {
  const bucket = bucketOf(sessions);
  if (known === undefined || known < 1 || sessions < 1) return bucket;
  const isNear = sessions >= 2 ** (known - 1) * (1 - SLACK) && sessions < 2 ** known * (1 + SLACK);
  return isNear ? known : bucket;
}

/** What stands in an annotation; undefined for what is not of ours. */
export function knownCost(annotation: string | undefined): number | undefined {
  return annotation !== undefined && /^\d{1,2}$/.test(annotation) ? Number(annotation) : undefined;
}

const OPEN_SESSIONS = /^veche_(?:ws|sse)_connections_active(?:\{[^}]*\})? (\d+(?:\.\d+)?)$/gm;

/** Sessions that are open in a process, by its page of metrics. @throws Error when the page has none of them: it is no edge */
export function sessionsIn(page: string): number {
  const series = [...page.matchAll(OPEN_SESSIONS)];
  if (series.length === 0) throw new Error('no veche_ws_connections_active and no veche_sse_connections_active: the selector names pods that hold no sessions');
  return series.reduce((sum, [, value]) => sum + Number(value), 0);
}
