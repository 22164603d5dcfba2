import { Unreachable } from '../kit/kit.ts';

/** The first `needed` answers, as soon as they are there; rejects once they cannot come any more. */
export function quorum<T>(asked: readonly Promise<T>[], needed: number): Promise<T[]> {
  const answers: T[] = [];
  let failed = 0;
  return new Promise((resolve, reject) => {
    if (needed > asked.length) reject(new Unreachable(`${needed} answers of ${asked.length} cannot be had`));
    for (const one of asked)
      one.then(
        (answer) => {
          if (answers.push(answer) === needed) resolve(answers.slice());
        },
        () => {
          if (++failed > asked.length - needed)
            reject(new Unreachable(`only ${answers.length} of ${needed} answered`));
        },
      );
  });
}
