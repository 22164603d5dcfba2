/** The term that a message or an answer says, for pictures of them; none where it says none. */
export function termOf(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('term' in body)) return undefined;
  return typeof body.term === 'number' ? body.term : undefined;
}
