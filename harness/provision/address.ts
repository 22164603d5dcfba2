/** Where a node's port is reached. A name that its system does not have throws a `RangeError` with those that it has. */
export function addressAmong(
  addresses: Readonly<Record<string, string>>,
  node: string,
  port: string,
): string {
  const address = addresses[port];
  if (address === undefined)
    throw new RangeError(`${node} has no port ${port}; it has ${Object.keys(addresses).join(', ')}`);
  return address;
}
