/** Rows of two columns, the second aligned and never cut: a terminal wraps it, a pipe keeps it. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = Math.min(44, Math.max(...rows.map(([first = '']) => first.length)) + 2);
  return rows.map(([first = '', second = '']) => `${first.padEnd(width)}${second}`.trimEnd() + '\n').join('');
}
