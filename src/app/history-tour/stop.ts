/** One station of the told history. */
export interface Stop {
  readonly title: string;
  /** The position, in our own words. */
  readonly says: string;
  readonly source: { readonly author: string; readonly date: string; readonly list: string; readonly subject: string };
  /** A scenario whose steps show the point. */
  readonly scenario: string;
  /** Designs to run it under: one, or two side by side. */
  readonly designs: readonly [string] | readonly [string, string];
  readonly question: { readonly text: string; readonly choices: readonly string[]; readonly answer: number };
  /** What the steps have shown, said after the decision. */
  readonly shows: string;
  /** What the years after made of it. */
  readonly verdict: string;
}
