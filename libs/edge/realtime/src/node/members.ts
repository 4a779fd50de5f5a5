/** Own beats that pass without a sign of one node, while others are heard, before it counts as gone. */
const MISSED = 3;
/** The same when nobody at all is heard: rather the fan-out is away than everybody dead at once. */
const ALL_MISSED = 10;

/**
 * Which other nodes are there. Counted in own beats, not in time, and only in those during which anybody was heard: whoever stood still, or
 * is cut off from the fan-out, hears nobody and must not take all others for dead. (A fan-out tells its own process directly, so that own
 * beats would prove nothing.)
 */
export class Members {
  /** Node → own beats since its last sign. */
  private readonly nodes = new Map<string, number>();
  private heardAny = false;
  /** Own beats since anybody was heard. */
  private silent = 0;

  constructor(private readonly self: string) {}

  has(node: string): boolean {
    return node === this.self || this.nodes.has(node);
  }

  get others(): readonly string[] {
    return [...this.nodes.keys()];
  }

  /** There are others, and none of them is heard: who is there cannot be known. */
  get isCutOff(): boolean {
    return this.silent >= MISSED;
  }

  /** @returns whether it was not known */
  heard(node: string): boolean {
    if (node === this.self) return false;
    this.heardAny = true;
    this.silent = 0;
    const isNew = !this.nodes.has(node);
    this.nodes.set(node, 0);
    return isNew;
  }

  /** @returns whether it was known */
  left(node: string): boolean {
    return this.nodes.delete(node);
  }

  /** @returns those who are gone with it */
  beat(): readonly string[] {
    const { heardAny } = this;
    this.heardAny = false;
    if (this.nodes.size === 0) return [];
    if (heardAny) return this.count();
    if (++this.silent < ALL_MISSED) return [];
    this.silent = 0;
    const gone = this.others;
    this.nodes.clear();
    return gone;
  }

  private count(): readonly string[] {
    const gone: string[] = [];
    for (const [node, missed] of this.nodes) {
      if (missed >= MISSED) gone.push(node);
      else this.nodes.set(node, missed + 1);
    }
    for (const node of gone) this.nodes.delete(node);
    return gone;
  }
}
