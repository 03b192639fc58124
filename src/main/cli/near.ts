/** Names that a mistyped one may have meant. */

/** At most three, the nearest first; none where nothing is near. */
export function near(word: string, names: Iterable<string>): readonly string[] {
  const wanted = word.toLowerCase()
  const furthest = Math.max(1, Math.floor(wanted.length / 3))
  return [...names]
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ far }) => far <= furthest)
    .toSorted((one, other) => one.far - other.far)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** `Did you mean mp3 or mp2?`, or nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const found = near(word, names)
  return found.length === 0 ? '' : `Did you mean ${found.join(' or ')}?`
}

/** Letters to change, add, leave out or swap with their neighbour (Damerau and Levenshtein). */
function distance(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[other.length] ?? 0
}
