/**
 * Places for things that come and go: each keeps the place it first had for as long as nothing else needs it, so that a
 * step changes what changed and nothing moves up.
 */
export type Places = ReadonlyMap<string, number>;

/**
 * Gives each of `keys` a place from 0 up: the one it had in `before` if that is not taken, otherwise the lowest that is
 * free. Returns the places of all keys ever seen, those of `keys` among them.
 */
export function keepPlaces(keys: readonly string[], before: Places): Places {
  const taken = new Set<number>();
  const places = new Map(before);
  const homeless: string[] = [];
  for (const key of keys) {
    const had = before.get(key);
    if (had === undefined || taken.has(had)) homeless.push(key);
    else taken.add(had);
  }
  let next = 0;
  for (const key of homeless) {
    while (taken.has(next)) next++;
    taken.add(next);
    places.set(key, next);
  }
  return places;
}
