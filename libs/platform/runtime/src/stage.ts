/** Where the process stands in its life; readiness goes by it before it looks at anything else. */
export type Stage = 'starting' | 'ready' | Leaving;

/** `draining`: nobody new, who is here is served until told to move. `closing`: what was taken is finished, then everything closes. */
type Leaving = 'draining' | 'closing';

export class ProcessStage {
  current: Stage = 'starting';

  get stopping(): boolean {
    return this.current === 'draining' || this.current === 'closing';
  }
}
