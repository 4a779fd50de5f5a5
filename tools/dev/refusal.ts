/** A known bad situation: its message says what is wrong and what to do, and is shown without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
