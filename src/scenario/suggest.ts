/** The nearest correct spelling. */

/** Edits (insert, remove, change, swap of neighbours) from one word to the other, at most `limit` + 1. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2] + 1);
      row.push(d);
      if (d < least) least = d;
    }
    if (least > limit) return limit + 1;
    before = above;
    above = row;
  }
  return above[b.length];
}

/** The candidate nearest to a misspelt word, or '' where none is near. Upper and lower case differ by less than a letter. */
export function nearest(word: string, candidates: Iterable<string>): string {
  if (word.length === 0 || word.length > 64) return '';
  const limit = word.length < 3 ? 1 : Math.ceil(word.length / 3);
  const lower = word.toLowerCase();
  let best = '';
  let least = limit + 0.5;
  for (const candidate of candidates) {
    const folded = candidate.toLowerCase();
    const d = distance(lower, folded, limit) + (lower === folded || word === candidate ? 0 : 0.1);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}
