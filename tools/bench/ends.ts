/** What a bench has started and must end: processes and folders, also when the bench fails or is interrupted. */

type Step = () => Promise<unknown>;

export interface End {
  /** This is to be ended before all that came earlier. */
  first(step: Step): void;
  /** Ends everything, newest first; tolerates twice. */
  now(): Promise<void>;
}

const open = new Set<End>();

export function atTheEnd(...steps: Step[]): End {
  const end: End = {
    first: (step) => void steps.unshift(step),
    now: async () => {
      open.delete(end);
      for (let step = steps.shift(); step; step = steps.shift()) await step().catch((error: unknown) => console.error(error));
    },
  };
  open.add(end);
  return end;
}

/** Ends what is still there. */
export async function endAll(): Promise<void> {
  for (const end of [...open].toReversed()) await end.now();
}
