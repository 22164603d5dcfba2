/** Runs something three times and prints each time, processor time beside it, and the memory the process then holds. */
export function measure(name: string, promised: number | undefined, run: () => void): void {
  const times: string[] = [];
  for (let i = 0; i < 3; i++) {
    const processor = process.cpuUsage();
    const start = performance.now();
    run();
    const took = performance.now() - start;
    const { user, system } = process.cpuUsage(processor);
    times.push(`${took.toFixed(0)} (${((user + system) / 1000).toFixed(0)})`);
  }
  const memory = (process.memoryUsage().rss / 1e6).toFixed(0);
  const goal = promised === undefined ? '' : `, promised ${promised}`;
  console.log(`${name}: ${times.join(', ')} ms${goal}; ${memory} MB`);
}
