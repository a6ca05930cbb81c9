/** One door that inputs from outside come through, and what must hold there. */
export interface Kind {
  /** What takes the inputs in, in a few words. */
  readonly what: string;
  /** Good inputs, which are damaged and put together anew. */
  readonly seeds: readonly string[];
  /** Words that mean something there. */
  readonly words: readonly string[];
  /** Makes an input by chance, where damaging the seeds is not the way. */
  readonly draw?: (random: () => number) => string;
  /**
   * Takes one input in. Returns '' where everything holds that must, else what does not. A throw is a finding, and so is an
   * input that takes more than a tenth of a second or 200 MB.
   */
  readonly take: (input: string) => string | Promise<string>;
}
