/** Own beats that pass without a sign of another node before it counts as gone. */
const MISSED = 3;

/**
 * Which other nodes are there. Counted in own beats that were heard back, not in time: whoever stood still, or was cut off from the
 * fan-out, has heard nobody and must not take all others for dead.
 */
export class Members {
  /** Node → own beats since its last sign. */
  private readonly nodes = new Map<string, number>();

  constructor(private readonly self: string) {}

  has(node: string): boolean {
    return node === this.self || this.nodes.has(node);
  }

  get others(): readonly string[] {
    return [...this.nodes.keys()];
  }

  /** @returns whether it was not known */
  heard(node: string): boolean {
    if (node === this.self) return false;
    const isNew = !this.nodes.has(node);
    this.nodes.set(node, 0);
    return isNew;
  }

  /** @returns whether it was known */
  left(node: string): boolean {
    return this.nodes.delete(node);
  }

  /** One own beat more has made its way through the fan-out. @returns those who are gone with it */
  beat(): readonly string[] {
    const gone: string[] = [];
    for (const [node, missed] of this.nodes) {
      if (missed >= MISSED) gone.push(node);
      else this.nodes.set(node, missed + 1);
    }
    for (const node of gone) this.nodes.delete(node);
    return gone;
  }
}
