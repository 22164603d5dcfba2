import { MalformedHistory, printed } from './malformed.ts';

/** A value that stands at the top of an EDN file, and where. */
export interface EdnForm {
  readonly value: unknown;
  readonly line: number;
  readonly column: number;
}

/**
 * Reads EDN (https://github.com/edn-format/edn) as far as recorded histories use it, into plain values: keywords and
 * symbols become strings without their colon, lists, vectors and sets become arrays, maps become objects whose keys are
 * strings. Tags are dropped and what they tag is kept, so records read as maps. There is no recursion: what is open
 * lies on a stack, and hostile nesting costs only memory.
 *
 * What is still open at the end of the file is not returned: `torn` says where it began.
 */
export function readEdn(
  text: string,
  file: string,
): { readonly forms: readonly EdnForm[]; readonly torn?: EdnForm } {
  const forms: EdnForm[] = [];
  const stack: Open[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  let discards = 0;
  const fail = (expected: string, from = at): never => {
    const end = text.indexOf('\n', from);
    throw new MalformedHistory(
      { file, line, column: from - lineStart + 1 },
      expected,
      text.slice(from, end < 0 ? undefined : end),
    );
  };
  const put = (value: unknown, where: { readonly line: number; readonly column: number }): void => {
    if (discards > 0) {
      discards--;
      return;
    }
    const open = stack.at(-1);
    if (open) open.items.push(value);
    else forms.push({ value, ...where });
  };

  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === 10) {
      line++;
      lineStart = at + 1;
    }
    if (character <= 32 || character === 44) {
      at++;
      continue;
    }
    const where = { line, column: at - lineStart + 1 };
    const one = text[at] as string;
    if (one === ';') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (one === '"') {
      const end = endOfString(text, at);
      if (end < 0) return { forms, torn: { value: undefined, ...(stack[0]?.where ?? where) } };
      const raw = text.slice(at, end);
      for (let i = raw.indexOf('\n'); i >= 0; i = raw.indexOf('\n', i + 1)) {
        line++;
        lineStart = at + i + 1;
      }
      put(
        unescape(raw, () => fail('a string with escapes that EDN knows')),
        where,
      );
      at = end;
    } else if (one === '#' && text[at + 1] === '_') {
      // Whatever comes next is not there. Inside what is open it is dropped when that value is put.
      discards++;
      at += 2;
    } else if (one === '#' && text[at + 1] === '{') {
      stack.push({ kind: 'set', close: '}', items: [], where, discards });
      discards = 0;
      at += 2;
    } else if (one === '#') {
      // A tag: what it tags follows, and is all that is kept.
      at = endOfToken(text, at + 1);
    } else if (one === '(' || one === '[' || one === '{') {
      stack.push({
        kind: one === '{' ? 'map' : 'list',
        close: one === '(' ? ')' : one === '[' ? ']' : '}',
        items: [],
        where,
        discards,
      });
      discards = 0;
      at++;
    } else if (one === ')' || one === ']' || one === '}') {
      const open = stack.pop();
      if (!open) return fail('a value, with nothing to close');
      if (open.close !== one) fail(`${open.close} to close what began on line ${open.where.line}`);
      discards = open.discards;
      if (open.kind === 'map' && open.items.length % 2 === 1) fail('a value for the last key of the map');
      put(open.kind === 'map' ? toObject(open.items) : open.items, open.where);
      at++;
    } else {
      const end = endOfToken(text, at);
      if (end === at) fail('a value');
      const token = text.slice(at, end);
      if (end === text.length && stack.length > 0) break;
      put(
        atom(token, () => fail('a number, a keyword or a symbol')),
        where,
      );
      at = end;
    }
  }
  const first = stack[0];
  return {
    forms,
    ...(first && { torn: { value: first.kind === 'list' ? first.items : undefined, ...first.where } }),
  };
}

interface Open {
  readonly kind: 'map' | 'list' | 'set';
  readonly close: string;
  readonly items: unknown[];
  readonly where: { readonly line: number; readonly column: number };
  /** How many discards were waiting outside. */
  readonly discards: number;
}

function toObject(items: readonly unknown[]): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    entries.push([typeof key === 'string' ? key : printed(key), items[i + 1]]);
  }
  // From entries, so that a key called __proto__ is a key like any other.
  return Object.fromEntries(entries);
}

function atom(token: string, fail: () => never): unknown {
  if (token === 'nil') return null;
  if (token === 'true') return true;
  if (token === 'false') return false;
  if (token.startsWith(':')) return token.slice(1);
  if (/^[+-]?\d/.test(token)) {
    const number = Number(token.replace(/[NM]$/, ''));
    return Number.isNaN(number) ? fail() : number;
  }
  return token.startsWith('\\') ? token.slice(1) : token;
}

function endOfToken(text: string, from: number): number {
  let at = from;
  // A character literal may be a bracket.
  if (text[at] === '\\') at += 2;
  while (at < text.length && !/[\s,"()[\]{};]/.test(text[at] as string)) at++;
  return at;
}

/** One past the closing quote, or −1. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

function unescape(raw: string, fail: () => never): string {
  if (!raw.includes('\\') && !raw.includes('\n') && !raw.includes('\t')) return raw.slice(1, -1);
  try {
    return JSON.parse(raw.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')) as string;
  } catch {
    return fail();
  }
}
