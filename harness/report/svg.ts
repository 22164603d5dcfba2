import { html, trusted, type Content, type Html } from './html.ts';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An SVG element. Numbers are rounded to a tenth of a pixel; attributes that are `undefined` are left out. */
export function element(name: string, attributes: Attributes, ...children: readonly Content[]): Html {
  const written = Object.entries(attributes).flatMap(([attribute, of]) =>
    of === undefined ? [] : [html` ${attribute}="${typeof of === 'number' ? px(of) : of}"`],
  );
  return html`<${trusted(name)}${written}>${children}</${trusted(name)}>`;
}

export function rect(x: number, y: number, width: number, height: number, attributes: Attributes): Html {
  return element('rect', { x, y, width, height, ...attributes });
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes): Html {
  return element('line', { x1, y1, x2, y2, ...attributes });
}

export function text(x: number, y: number, content: Content, attributes: Attributes): Html {
  return element('text', { x, y, 'font-size': 12, ...attributes }, content);
}

/** A picture of its own, with words for those who cannot see it. */
export function picture(width: number, height: number, label: string, ...children: readonly Content[]): Html {
  return element(
    'svg',
    {
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      width,
      height,
      role: 'img',
      'aria-label': label,
      'font-family': 'system-ui,sans-serif',
    },
    children,
  );
}

/** Slanted lines, for what is not certain: no picture says it by colour alone. */
export function hatch(id: string, size: number, fill: string): Html {
  return element(
    'pattern',
    { id, width: size, height: size, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    rect(0, 0, size * 0.38, size, { fill, opacity: 0.7 }),
  );
}

export const monospace = 'ui-monospace,Menlo,Consolas,monospace';

export function px(x: number): string {
  return String(Math.round(x * 10) / 10);
}
