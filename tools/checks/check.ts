import type { Repository } from './repository.ts';

/** Something that must not be, where it is, and the sentence that explains why. */
export interface Finding {
  /** `path` or `path:line`, from the root. */
  readonly where: string;
  readonly what: string;
  readonly because: string;
}

export interface Outcome {
  readonly findings: readonly Finding[];
  /** Shown whether it holds or not. */
  readonly report?: string;
}

export interface Check {
  readonly name: string;
  run(repository: Repository): Outcome | Promise<Outcome>;
}
