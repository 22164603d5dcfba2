/**
 * Every colour of the page, by what it means, for light and for dark. In SVG a colour is written with its light value
 * behind it, `var(--write,#6d4fc4)`, so that figures keep their colours where a policy forbids inline styles.
 */
const tokens = {
  ground: ['#f4f5f7', '#0e1116'],
  panel: ['#ffffff', '#161b22'],
  panel2: ['#fafbfc', '#1b212a'],
  line: ['#e1e4e9', '#2b323c'],
  line2: ['#eef0f3', '#222932'],
  text: ['#14181f', '#e8ecf1'],
  muted: ['#5d6673', '#9aa5b3'],
  faint: ['#8b94a1', '#6c7785'],
  accent: ['#2f49df', '#8ea2ff'],
  'accent-soft': ['#e8ecff', '#1f2747'],
  bad: ['#c9251b', '#ff7b72'],
  'bad-fill': ['#c9251b', '#c4372c'],
  'bad-soft': ['#fdecea', '#2d1517'],
  'bad-line': ['#f3b8b3', '#6b2b2b'],
  good: ['#17763a', '#56d382'],
  'good-soft': ['#e5f5ea', '#12281b'],
  warn: ['#8a5000', '#f0b354'],
  'warn-soft': ['#fff3dc', '#2b2110'],
  code: ['#11161d', '#0b0f14'],
  'code-text': ['#d7dee8', '#d7dee8'],
  read: ['#2b6cb8', '#3674c4'],
  write: ['#6d4fc4', '#7d5fd6'],
  cas: ['#0f757d', '#14808a'],
  other: ['#566173', '#5c687a'],
  ok: ['#7fb58f', '#3f8a58'],
  failed: ['#9aa3af', '#75808e'],
  unknown: ['#d98200', '#e09a2f'],
  fast: ['#2b6cb8', '#6aa5ea'],
  slow: ['#6d4fc4', '#a58bf0'],
  leader: ['#4059d6', '#5067d2'],
  partition: ['#f2a900', '#e0a000'],
  pause: ['#8f7ae0', '#8f7ae0'],
  kill: ['#e05252', '#d85050'],
  clock: ['#21a0a8', '#21a0a8'],
  fault: ['#7d8896', '#7d8896'],
} as const satisfies Record<string, readonly [light: `#${string}`, dark: `#${string}`]>;

export type Token = keyof typeof tokens;

/** A colour for a presentation attribute. */
export function ink(token: Token): string {
  return `var(--${token},${tokens[token][0]})`;
}

export function hex(token: Token, theme: 'light' | 'dark'): string {
  return tokens[token][theme === 'light' ? 0 : 1];
}

const faultTokens: readonly Token[] = ['partition', 'pause', 'kill', 'clock'];

/** Faults that are not of a kind with a colour of its own are grey; their names say what they are. */
export function faultToken(what: string): Token {
  return faultTokens.find((token) => what.toLowerCase().startsWith(token)) ?? 'fault';
}

export function operationToken(f: string): Token {
  if (/^(read|get|dequeue|poll|take)/.test(f)) return 'read';
  if (/^(write|put|set|add|append|enqueue|insert|send|release|acquire)/.test(f)) return 'write';
  return /^(cas|compare)/.test(f) ? 'cas' : 'other';
}

/** The theme follows the reader's system unless the reader chooses in the page, which takes no script. */
export function paletteCss(): string {
  return [
    `:root{${block('light')}}`,
    `@media (prefers-color-scheme:dark){:root{${block('dark')}}}`,
    `:root:has(#theme-light:checked){${block('light')}}`,
    `:root:has(#theme-dark:checked){${block('dark')}}`,
    `@media print{:root:root{${block('light')}}}`,
  ].join('\n');
}

function block(theme: 'light' | 'dark'): string {
  const colours = (Object.keys(tokens) as Token[]).map((token) => `--${token}:${hex(token, theme)}`);
  return `color-scheme:${theme};${colours.join(';')}`;
}
