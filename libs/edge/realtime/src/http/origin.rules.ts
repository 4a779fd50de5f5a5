/** Which pages may use the doors: compared as whole strings, so that no spelling of a foreign origin slips through. */

const ORIGIN = /^(https?):\/\/([^/\\?#@\s]+)$/;

/**
 * @param origin the header as it came; absent means that no browser page is asking.
 * @param host the request's Host header: a page we have served ourselves asks from there.
 */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*')) return true;
  if (allowed.includes(origin)) return true;
  const parts = ORIGIN.exec(origin);
  // The scheme is not compared: TLS ends before us, so we cannot know which one the page was served with.
  return parts !== null && host !== undefined && parts[2] === host;
}
