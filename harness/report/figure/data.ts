import type { DrawnOperation } from '../../record/result.ts';

/** The operation itself, field by field, as it stands in `result.json`: what is drawn can be given back to a checker. */
export function data(operation: DrawnOperation): Record<string, string> {
  return Object.fromEntries(
    Object.entries(operation).map(([field, of]) => [`data-${field}`, inAscii(JSON.stringify(of))]),
  );
}

/** JSON for other eyes than people's: what a page would show in place of a character is put as an escape of JSON's. */
function inAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
