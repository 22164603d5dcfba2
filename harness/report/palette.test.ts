import { expect, test } from 'vitest';
import { hex, type Token } from './palette.ts';

/** WCAG 2 asks for 4.5 where text is of the usual size, and 3 for the parts of a picture. */
const pairs: readonly (readonly [text: Token | 'white', on: Token, atLeast: number])[] = [
  ['text', 'panel', 4.5],
  ['muted', 'panel', 4.5],
  ['muted', 'panel2', 4.5],
  ['muted', 'ground', 4.5],
  ['muted', 'line2', 4.5],
  ['accent', 'panel', 4.5],
  ['accent', 'accent-soft', 4.5],
  ['bad', 'panel', 4.5],
  ['bad', 'bad-soft', 4.5],
  ['good', 'panel', 4.5],
  ['good', 'good-soft', 4.5],
  ['warn', 'panel', 4.5],
  ['warn', 'warn-soft', 4.5],
  ['code-text', 'code', 4.5],
  ['white', 'bad-fill', 4.5],
  ['white', 'read', 4.5],
  ['white', 'write', 4.5],
  ['white', 'cas', 4.5],
  ['white', 'other', 4.5],
  ['white', 'leader', 4.5],
  ['fast', 'panel', 3],
  ['slow', 'panel', 3],
];

for (const theme of ['light', 'dark'] as const)
  test.each(pairs)(`${theme}: %s can be read on %s`, (text, on, atLeast) => {
    expect(contrast(text === 'white' ? '#ffffff' : hex(text, theme), hex(on, theme))).toBeGreaterThanOrEqual(
      atLeast,
    );
  });

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
