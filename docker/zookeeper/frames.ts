/** Cuts what arrives into messages, each of which has its length before it. `told` is called with each as soon as it is whole. */
export function framesTo(told: (message: Buffer) => void): (piece: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 4) {
      const length = rest.readInt32BE(0);
      if (rest.length < 4 + length) return;
      const message = rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
      told(message);
    }
  };
}
