import type { Token } from '../../palette.ts';

export type Inks = Readonly<Record<Token, string>>;

/** The colours as the page shows them now, read from its style. */
export function inks(): Inks {
  const style = getComputedStyle(document.documentElement);
  return new Proxy({} as Record<Token, string>, {
    get: (known, token: Token) => (known[token] ??= style.getPropertyValue(`--${token}`).trim()),
  });
}

/** `#rrggbb` as a canvas stores a pixel on a little-endian machine, all but its opacity. */
export function pixel(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16)) as [
    number,
    number,
    number,
  ];
  return (b << 16) | (g << 8) | r;
}

/** Slanted lines for outcomes that nobody knows. */
export function hatching(context: CanvasRenderingContext2D, colour: string): CanvasPattern {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 6;
  const pen = tile.getContext('2d') as CanvasRenderingContext2D;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
  }
  pen.stroke();
  return context.createPattern(tile, 'repeat') as CanvasPattern;
}
