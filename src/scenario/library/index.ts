/** Scenarios worth teaching with. Each is a file beside this one; its first line is its title, and its expectations are tests. */
import device from './device.mm?raw';
import dontneed from './dontneed.mm?raw';
import failedFixed from './failed-fixed.mm?raw';
import firstFault from './first-fault.mm?raw';
import forkHuge from './fork-huge.mm?raw';
import forkSmall from './fork-small.mm?raw';
import gigabyte from './gigabyte.mm?raw';
import guardGap from './guard-gap.mm?raw';
import heap from './heap.mm?raw';
import holes from './holes.mm?raw';
import hugeNeverMerge from './huge-never-merge.mm?raw';
import lostReservation from './lost-reservation.mm?raw';
import moving from './moving.mm?raw';
import noreserve from './noreserve.mm?raw';
import privateFile from './private-file.mm?raw';
import reservation from './reservation.mm?raw';
import rulesOf2007 from './rules-of-2007.mm?raw';
import sharedReservation from './shared-reservation.mm?raw';
import splitMerge from './split-merge.mm?raw';
import surplus from './surplus.mm?raw';
import tables from './tables.mm?raw';
import takenBack from './taken-back.mm?raw';
import tour from './tour.mm?raw';
import transparent from './transparent.mm?raw';
import truncate from './truncate.mm?raw';
import twoEndings from './two-endings.mm?raw';
import zeroPage from './zero-page.mm?raw';

export interface Example {
  /** What a link calls it: `#ex=first-fault`. Never changed once released; none begins another. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

const example = (name: string, text: string): Example => ({
  name,
  title: /^title: (.*)$/m.exec(text)?.[1] ?? name,
  text,
});

/** By subject, in the order of a course. */
export const LIBRARY: readonly { readonly subject: string; readonly examples: readonly Example[] }[] = [
  { subject: 'Begin here', examples: [example('tour', tour)] },
  {
    subject: 'Faults and pages',
    examples: [
      example('first-fault', firstFault),
      example('zero-page', zeroPage),
      example('tables', tables),
      example('dontneed', dontneed),
      example('heap', heap),
      example('gigabyte', gigabyte),
    ],
  },
  {
    subject: 'Areas',
    examples: [
      example('split-merge', splitMerge),
      example('moving', moving),
      example('guard-gap', guardGap),
      example('noreserve', noreserve),
    ],
  },
  {
    subject: 'fork',
    examples: [example('fork-small', forkSmall), example('fork-huge', forkHuge), example('taken-back', takenBack)],
  },
  {
    subject: 'The pool of huge pages',
    examples: [
      example('reservation', reservation),
      example('shared-reservation', sharedReservation),
      example('two-endings', twoEndings),
      example('surplus', surplus),
      example('huge-never-merge', hugeNeverMerge),
      example('holes', holes),
      example('failed-fixed', failedFixed),
      example('lost-reservation', lostReservation),
      example('device', device),
      example('rules-of-2007', rulesOf2007),
    ],
  },
  {
    subject: 'Files and transparent huge pages',
    examples: [
      example('private-file', privateFile),
      example('truncate', truncate),
      example('transparent', transparent),
    ],
  },
];

/** The example of that name. */
export const exampleNamed = (name: string): Example | undefined =>
  LIBRARY.flatMap(({ examples }) => examples).find((e) => e.name === name);
