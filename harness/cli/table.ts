/** Rows of two columns. A first column too long for its place has the second on the next line: nothing is ever cut. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = Math.min(44, Math.max(...rows.map(([first = '']) => first.length)) + 2);
  return rows
    .map(([first = '', second = '']) => {
      const head =
        second !== '' && first.length > width - 2 ? `${first}\n${' '.repeat(width)}` : first.padEnd(width);
      return `${head}${second}`.trimEnd() + '\n';
    })
    .join('');
}
