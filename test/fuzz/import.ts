/** Texts of no known kind: recognised, and made into a scenario as the page does it. */
import { importTexts, recognise } from '../../src/protocol/import';
import { damage } from './frame/damage';
import type { Kind } from './frame/kind';
import maps from './maps';
import scenario from './scenario';
import strace from './strace';

const seeds = [...maps.seeds, ...strace.seeds, ...scenario.seeds.slice(0, 4)];
const words = [...maps.words, ...strace.words, ...scenario.words];
/** Between two files of one input. */
const NEXT = '\n%%%%\n';

const kind: Kind = {
  what: 'files of any kind, alone or several together',
  seeds,
  words,
  draw(random) {
    const files = Array.from({ length: random() < 0.7 ? 1 : 2 + Math.floor(random() * 2) }, () =>
      damage(random, seeds, words),
    );
    return files.join(NEXT);
  },
  take(input) {
    const files = input.split(NEXT).map((text, i) => ({ name: `file.${i + 1}`, text }));
    const work = importTexts(files);
    let step = work.next();
    let { done, of } = { done: 0, of: 1 };
    while (step.done !== true) {
      if (!(step.value.done >= done && step.value.done <= step.value.of)) return 'it goes back';
      ({ done, of } = step.value);
      step = work.next();
    }
    if (done > of) return 'more was done than there is';
    return files.some(({ text }) => recognise(text) === step.value!.kind) || step.value.kind === 'scenario'
      ? ''
      : 'of another kind than any file';
  },
};
export default kind;
