/** Throws when the program itself is wrong. Never used on what comes from outside. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`mmscope is wrong about itself: ${message}`);
}
