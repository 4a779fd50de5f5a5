import { eventually } from './waiters.ts';

/** What a test must not leave behind; names as Node's getActiveResourcesInfo gives them. */
const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap', 'Timeout'] as const;
type Watched = (typeof WATCHED)[number];

/**
 * Remembers what is open now; the returned check fails when more is open then: sockets, servers, child processes, timers.
 * Call at the top of a file and check in `afterAll`, or around one test.
 */
export function leakGuard(watched: readonly Watched[] = WATCHED): () => Promise<void> {
  const before = open();
  return async () => {
    const grown = () => watched.filter((name) => count(open(), name) > count(before, name) + (name === 'Timeout' ? OWN_TIMERS : 0));
    await eventually(() => grown().length === 0, { timeoutMs: 2_000, what: 'everything the test opened is closed' }).catch(() => {
      throw new Error(
        `left open: ${grown()
          .map((name) => `${count(open(), name) - count(before, name)} × ${name}`)
          .join(', ')}`,
      );
    });
  };
}

/** The runner's own timeout of the hook, and the waiter's pause. */
const OWN_TIMERS = 2;

const open = (): readonly string[] => process.getActiveResourcesInfo();
const count = (names: readonly string[], name: string): number => names.filter((each) => each === name).length;
