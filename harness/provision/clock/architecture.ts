/** What is different on every kind of processor. */
export interface Architecture {
  readonly name: 'x64' | 'arm64';
  /** ELF's number for it. */
  readonly machine: number;
  /** The stub's code. See `stub/stub.c`. */
  readonly stub: Buffer;
  /** Where in the stub the harness writes. */
  readonly places: {
    readonly realClockGettime: number;
    readonly saved: number;
    readonly configuration: number;
  };
  /** The vDSO's functions that are led to the stub, and where in it. The first is clock_gettime. */
  readonly entries: readonly { readonly name: string; readonly to: number }[];
  /** How the function at `from` is made to go on at `to`. */
  divert(image: Buffer, from: number, to: number): Diversion;
}

/** A change of a function's first bytes. */
export interface Diversion {
  readonly at: number;
  readonly bytes: Buffer;
  /**
   * The instructions that it replaces, made to run at `elsewhere` and go on behind the change; nothing, when one of them
   * is not known or would mean something else there.
   */
  moved(elsewhere: number): Buffer | undefined;
}
