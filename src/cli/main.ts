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
import { conformance } from './conformance';
import { replay } from './replay';
import { checkFiles, importFiles, linkFile, openLink, runFile } from './scenarios';

interface Command {
  readonly usage: string;
  readonly what: string;
  /** Carries the command out and returns the exit code. */
  readonly run: (args: string[]) => number | Promise<number>;
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
    usage: 'run [--design NAME] [--as FORM] FILE',
    what: `carry out a scenario and print what happened and the end state; or as ${EXPORTS.join(', ')}`,
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' }, as: { type: 'string' } },
      });
      const as = EXPORTS.find((form) => form === values.as) ?? 'text';
      if (values.as !== undefined && as !== values.as)
        throw new UsageError(`no form ${values.as}; there are ${EXPORTS.join(', ')}`);
      return runFile(oneFile(positionals, 'run'), designOption(values.design), as);
    },
  },
  check: {
    usage: 'check [--design NAME] FILE…',
    what: 'hold scenarios against what they expect; exit code 1 where one fails',
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { design: { type: 'string' } },
      });
      if (positionals.length === 0) throw new UsageError('check what? Name at least one scenario');
      return checkFiles(positionals, designOption(values.design));
    },
  },
  link: {
    usage: 'link [--step N] [--design NAME] FILE',
    what: "print a scenario's link, the part behind the page's address",
    run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { step: { type: 'string' }, design: { type: 'string' } },
      });
      return linkFile(oneFile(positionals, 'link'), count(values.step), designOption(values.design));
    },
  },
  open: {
    usage: 'open LINK',
    what: 'print the scenario of a link, or why it cannot be opened',
    run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
      return openLink(oneFile(positionals, 'open'));
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

function help(): string {
  const width = Math.max(...Object.values(COMMANDS).map((c) => c.usage.length));
  return ['Commands:', ...Object.values(COMMANDS).map((c) => `  ${c.usage.padEnd(width)}  ${c.what}`), ''].join('\n');
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
  if (!(e instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS') && code !== 'ENOENT') throw e;
  console.error((e as Error).message);
  process.exitCode = 2;
}
