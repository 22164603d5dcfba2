const NAMED = 3;

/** What was not kept of a node's files, by the reason. */
export class LeftOut {
  readonly #reasons = new Map<string, { count: number; readonly first: string[] }>();

  add(reason: string, path: string): void {
    const paths = this.#reasons.get(reason) ?? { count: 0, first: [] };
    this.#reasons.set(reason, paths);
    if (++paths.count <= NAMED) paths.first.push(path);
  }

  /** `left out links, devices and pipes: a, b`, one line a reason; none where everything was kept. Names are as the node made them. */
  get lines(): readonly string[] {
    return [...this.#reasons].map(([reason, { count, first }]) => {
      const more = count > first.length ? ` and ${count - first.length} more` : '';
      return `left out ${reason}: ${first.join(', ')}${more}`;
    });
  }
}
