/** Puts a statement into a scenario's text below its first `above` lines; the lines below stay. */
export function insertStatement(text: string, above: number, statement: string): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const at = Math.max(0, Math.min(above, lines.length));
  return `${[...lines.slice(0, at), statement, ...lines.slice(at)].join('\n')}\n`;
}
