/** Where the process stands in its life; readiness goes by it before it looks at anything else. */
export type Stage = 'starting' | 'ready' | 'stopping';

export class ProcessStage {
  current: Stage = 'starting';

  get stopping(): boolean {
    return this.current === 'stopping';
  }
}
