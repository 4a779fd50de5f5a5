/** What a process tells of itself at intervals, in one log record: figures for those who have logs and no metrics. */
type Read = () => number | Promise<number>;

export class Pulse {
  private readonly values = new Map<string, Read>();
  private readonly totals = new Map<string, { readonly read: Read; last: number }>();
  private at = performance.now();

  /** A figure as it is at the moment; the name is that of the field. */
  value(name: string, read: Read): void {
    this.values.set(name, read);
  }

  /** How fast a total grows, a second. */
  rate(name: string, read: Read): void {
    this.totals.set(name, { read, last: 0 });
  }

  /** Rates are those since the last beat. */
  async beat(): Promise<Readonly<Record<string, number>>> {
    const now = performance.now();
    const seconds = Math.max((now - this.at) / 1000, 0.001);
    this.at = now;
    const fields: Record<string, number> = {};
    for (const [name, total] of this.totals) {
      const sum = await total.read();
      fields[name] = Math.round(((sum - total.last) / seconds) * 100) / 100;
      total.last = sum;
    }
    for (const [name, read] of this.values) fields[name] = await read();
    return fields;
  }
}
