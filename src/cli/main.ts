/** The machine on the command line: `npm run -s cli -- COMMAND …`. */
import { parseArgs } from 'node:util';
import {
  ARGUED,
  DEFAULT_DESIGN,
  DESIGN_NAMES,
  LINUX_DESIGNS,
  isDesignName,
  type DesignName,
} from '../engine/designs/designs';
import { EXPORTS } from '../protocol/export';
import { Overspent } from '../engine/meter';
import { OVERSPENT } from './bounds';
import { FileTrouble, warn } from './files';
import { conformance } from './conformance';
import { replay } from './replay';
import { checkFiles, importFiles, linkFile, openLink, runFile } from './scenarios';

interface Command {
  readonly usage: string;
  readonly what: string;
  /** Carries the command out and returns the exit code. */
  readonly run: (args: string[]) => number | Promise<number>;
}

const LIMIT = { limit: { type: 'string' } } as const;

/** Seconds that a command may take. */
function secondsOption(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const seconds = Number(text);
  if (!(seconds > 0)) throw new UsageError(`--limit takes seconds, not ${text}`);
  return seconds;
}

/** A mistake of the caller's: told in one line, exit code 2. */
class UsageError extends Error {}

function designOption(text: string | undefined): DesignName | undefined {
  if (text === undefined || isDesignName(text)) return text;
  throw new UsageError(`no design ${text}; there are ${DESIGN_NAMES.join(', ')}`);
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`${text} is not a number`);
  return Number(text);
}

function oneFile(positionals: readonly string[], command: string): string {
  if (positionals.length !== 1) throw new UsageError(`${command} takes one argument, not ${positionals.length}`);
  return positionals[0]!;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  replay: {
    usage: 'replay [--design NAME] FILE…',
    what: "carry out recorded traces and write them again with the machine's own answers",
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' } },
      });
      if (positionals.length === 0) throw new UsageError('replay what? Name at least one file of traces');
      return replay(positionals, designOption(values.design) ?? DEFAULT_DESIGN);
    },
  },
  conformance: {
    usage: 'conformance [--design NAME|all] [--show N] [--seed N] [FILE…]',
    what: 'hold recorded traces of a real kernel (the corpus, if no file is named) against the machine',
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' }, show: { type: 'string' }, seed: { type: 'string' } },
      });
      const design = values.design === 'all' ? undefined : designOption(values.design);
      const designs = values.design === 'all' ? LINUX_DESIGNS : ARGUED;
      return conformance(positionals, {
        designs: design === undefined ? designs : [design],
        show: count(values.show) ?? 1,
        seed: count(values.seed),
      });
    },
  },
  run: {
    usage: 'run [--design NAME] [--as FORM] [--limit SECONDS] FILE',
    what: `carry out a scenario and print what happened and the end state; or as ${EXPORTS.join(', ')}`,
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' }, as: { type: 'string' }, ...LIMIT },
      });
      const as = EXPORTS.find((form) => form === values.as) ?? 'text';
      if (values.as !== undefined && as !== values.as)
        throw new UsageError(`no form ${values.as}; there are ${EXPORTS.join(', ')}`);
      return runFile(oneFile(positionals, 'run'), designOption(values.design), as, secondsOption(values.limit));
    },
  },
  check: {
    usage: 'check [--design NAME] [--limit SECONDS] [--allow-empty] FILE…',
    what: 'hold scenarios against what they expect; exit code 1 where one fails, 3 where nothing is expected',
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' }, 'allow-empty': { type: 'boolean' }, ...LIMIT },
      });
      if (positionals.length === 0) throw new UsageError('check what? Name at least one scenario');
      const allowEmpty = values['allow-empty'] === true;
      return checkFiles(positionals, designOption(values.design), secondsOption(values.limit), allowEmpty);
    },
  },
  link: {
    usage: 'link [--step N] [--design NAME] [--limit SECONDS] FILE',
    what: "print a scenario's link, the part behind the page's address",
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { step: { type: 'string' }, design: { type: 'string' }, ...LIMIT },
      });
      const design = designOption(values.design);
      return linkFile(oneFile(positionals, 'link'), count(values.step), design, secondsOption(values.limit));
    },
  },
  open: {
    usage: 'open [--limit SECONDS] LINK',
    what: 'print the scenario of a link, or why it cannot be opened',
    run(args) {
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options: LIMIT });
      return openLink(oneFile(positionals, 'open'), secondsOption(values.limit));
    },
  },
  'import-strace': {
    usage: 'import-strace FILE…',
    what: "print strace's output (one file, or one for each process) as a scenario that checks every result",
    run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
      if (positionals.length === 0) throw new UsageError('import what? Name at least one file of strace');
      return importFiles(positionals, 'strace');
    },
  },
  'import-maps': {
    usage: 'import-maps FILE',
    what: 'print a /proc/PID/maps or smaps as a scenario',
    run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
      return importFiles([oneFile(positionals, 'import-maps')], 'maps');
    },
  },
};

const EXIT_CODES = [
  'Exit codes:',
  '  0  well',
  '  1  an expectation does not hold, an answer is wrong, or a link or a trace differs',
  '  2  asked wrongly, or a file or a line of it cannot be read; the other files are still done',
  '  3  not wholly done: nothing was there to check (--allow-empty lets that pass), an operation takes more steps or bytes than it may (most_steps and most_bytes of the head), or the',
  '     command more seconds than --limit says. Ctrl-C stops at any time.',
];

function help(): string {
  const width = Object.values(COMMANDS).reduce((most, { usage }) => Math.max(most, usage.length), 0);
  const lines = Object.values(COMMANDS).map((c) => `  ${c.usage.padEnd(width)}  ${c.what}`);
  return ['Commands:', ...lines, '', ...EXIT_CODES, ''].join('\n');
}

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`no command ${name}\n${help()}`);
  if (args.includes('--help')) {
    console.log(`${command.usage}\n  ${command.what}`);
    return 0;
  }
  return command.run(args);
}

// A reader that has seen enough (head, less) closes the pipe.
process.stdout.on('error', () => process.exit(0));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (e) {
  const code = e instanceof Error && 'code' in e ? String(e.code) : '';
  const asked = e instanceof UsageError || e instanceof FileTrouble || code.startsWith('ERR_PARSE_ARGS');
  if (!asked && !(e instanceof Overspent)) throw e;
  process.exitCode = asked ? 2 : OVERSPENT;
  warn((e as Error).message);
}
