import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** Short files first: most mistakes are noticed by any test that meets them. */
class ShortFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).reverse();
  }
}

/** The unit tests by themselves, all or some: what a mutation is tried with. */
export default defineConfig({
  test: {
    include: (process.env['MUTATE_TESTS'] ?? 'test/unit/**/*.test.{ts,tsx}').split(' '),
    environment: 'node',
    testTimeout: 1_800_000,
    sequence: { sequencer: ShortFirst },
  },
});
