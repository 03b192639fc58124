/** So many at once; the answers in the order of what was given. */
export async function abreast<T, U>(
  all: readonly T[],
  together: number,
  work: (each: T) => Promise<U>,
  signal: AbortSignal,
): Promise<readonly U[]> {
  const answers: U[] = []
  for (let start = 0; start < all.length; start += together) {
    signal.throwIfAborted()
    answers.push(...(await Promise.all(all.slice(start, start + together).map(work))))
  }
  return answers
}
