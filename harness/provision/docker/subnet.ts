import { createHash } from 'node:crypto';

/** An IPv4 network: `198.18.7.0/24`. */
export type Subnet = string;

/**
 * Subnets for a run to try, best first. They are taken from 198.18.0.0/15, which is set aside for measuring network
 * devices (RFC 2544): neither a home, nor an office, nor a VPN lives there. Where in it, the run's id decides, so that runs
 * side by side rarely want the same.
 */
export function subnetsFor(run: string, taken: readonly Subnet[], count = 32): Subnet[] {
  const start = createHash('sha256').update(run).digest().readUInt16BE(0);
  return Array.from({ length: 512 }, (_, i) => (start + i * 37) % 512)
    .map((number) => `198.${18 + (number >> 8)}.${number & 255}.0/24`)
    .filter((subnet) => !taken.some((other) => overlap(subnet, other)))
    .slice(0, count);
}

/** `host(198.18.7.0/24, 11)` is `198.18.7.11`. */
export function host(subnet: Subnet, number: number): string {
  const [address = ''] = subnet.split('/');
  return address.replace(/\d+$/, String(number));
}

export function overlap(a: Subnet, b: Subnet): boolean {
  const [one, other] = [range(a), range(b)];
  return one.from <= other.to && other.from <= one.to;
}

function range(subnet: Subnet): { from: number; to: number } {
  const [address = '', length = '32'] = subnet.split('/');
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const from = Math.floor(value / size) * size;
  return { from, to: from + size - 1 };
}
