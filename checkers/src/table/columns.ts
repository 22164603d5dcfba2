export interface Columns {
  readonly f: Uint8Array;
  readonly process: Int32Array;
  readonly key: Int32Array;
  readonly outcome: Uint8Array;
  readonly call: Int32Array;
  readonly return: Int32Array;
  readonly callTime: Float64Array;
  readonly returnTime: Float64Array;
  readonly input: Int32Array;
  readonly output: Int32Array;
  readonly node: Int32Array;
  readonly error: Int32Array;
}
