/**
 * Words as a POSIX shell on the other side reads them: each arrives as it is, whatever is in it. sshd hands a command to
 * the user's shell as text, and there is no other way to say it.
 */
export function quote(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError(`a word of a command has a zero byte in it: ${word}`);
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
