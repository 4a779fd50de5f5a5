/** Moments as people say them, in the browser's language. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

const DAY_MS = 86_400_000;
const midnight = (ts: number): number => new Date(ts).setHours(0, 0, 0, 0);
const daysAgo = (ts: number): number => Math.round((midnight(Date.now()) - midnight(ts)) / DAY_MS);

export const timeOf = (ts: number): string => clock.format(ts);
export const exactly = (ts: number): string => exact.format(ts);

/** For a row of the list: a time today, a weekday this week, a date before. */
export function shortMoment(ts: number): string {
  const days = daysAgo(ts);
  if (days <= 0) return clock.format(ts);
  return (days < 7 ? weekday : date).format(ts);
}

export function dayName(ts: number): string {
  const days = daysAgo(ts);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (days < 300 ? fullDay : dayOfYear).format(ts);
}
