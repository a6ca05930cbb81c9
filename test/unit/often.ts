/** Rounds of a loop over random inputs; a fiftieth while deliberate mistakes are tried, where every test runs hundreds of times. */
export const often = (rounds: number): number =>
  process.env['MUTATE_TESTS'] === undefined ? rounds : Math.ceil(rounds / 50);
