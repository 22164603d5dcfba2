/** What was found out about one object. Rows are those of its history. */
export type Judged = {
  /** How many configurations a search has looked at. */
  readonly explored?: number;
} & (
  | { readonly valid: true; order(): readonly number[] }
  | { readonly valid: false; evidence(): Evidence }
  /** `reached` counts the operations that fit. */
  | { readonly valid: 'unknown'; readonly because: string; readonly reached: number }
  /** The history is for somebody else, and why. */
  | { readonly valid: 'unfit'; readonly because: string }
);

/** Where to begin looking for a counterexample. If it is closed, it is one, and there is no need to look elsewhere. */
export interface Evidence {
  readonly rows: readonly number[];
  readonly closed: boolean;
}

/** Rows that are illegal by themselves, whatever else the history holds. */
export function illegal(rows: () => Iterable<number>): Judged {
  return {
    valid: false,
    evidence: () => ({ rows: [...new Set(rows())].toSorted((a, b) => a - b), closed: true }),
  };
}
