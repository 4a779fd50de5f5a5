/** W3C Trace Context: `00-<trace id>-<span id>-<flags>`; pure. */

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Version ff is forbidden by the standard; later versions may only add to the end, and are read as version 00. */
const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,200})?$/;

/** Undefined for anything malformed: it comes from clients. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const found = text === undefined || text.length > 300 ? null : FORM.exec(text);
  return found ? { traceId: found[1]!, spanId: found[2]!, sampled: (Number.parseInt(found[3]!, 16) & 1) === 1 } : undefined;
}

/** Only what is sampled travels. */
export const traceparentOf = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`;
