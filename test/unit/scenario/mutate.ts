/** Changes a text in a few places: characters, pieces of itself, cuts. */
export function mutate(text: string, random: () => number): string {
  let s = text;
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
    const at = Math.floor(random() * (s.length + 1));
    const to = Math.min(s.length, at + Math.floor(random() * 20));
    const kind = random();
    if (kind < 0.3) s = s.slice(0, at) + s.slice(to);
    else if (kind < 0.6)
      s = s.slice(0, at) + String.fromCharCode(Math.floor(random() * (random() < 0.8 ? 128 : 65536))) + s.slice(at);
    else if (kind < 0.8) s = s.slice(0, at) + s.slice(to, to + 30) + s.slice(at);
    else if (kind < 0.9) s = s.slice(0, at);
    else s = s.slice(at) + s.slice(0, at);
  }
  return s;
}
