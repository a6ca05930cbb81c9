/** Scenarios: text → data → text, and made ready to run. */
import { isDeepStrictEqual } from 'node:util';
import { CALL_NAMES } from '../../src/scenario/calls';
import { FIELD_NAMES } from '../../src/scenario/fields';
import { BRIEF, format } from '../../src/scenario/format';
import { SETTING_NAMES } from '../../src/scenario/head';
import { LIBRARY } from '../../src/scenario/library';
import { parse } from '../../src/scenario/parse';
import { compileParsed } from '../../src/scenario/program';
import type { Kind } from './frame/kind';

const kind: Kind = {
  what: 'scenarios: read, written again, made ready to run',
  seeds: [
    ...LIBRARY.flatMap(({ examples }) => examples.map(({ text }) => text)),
    'layout: sh 555555554000-555555577000 rw-p 00001000 3 /bin/sh\nfile: 40K /a b\ntlb: 4x4+1x8\nexec("sh") → 0\n',
    'a = mmap(NULL, 8M, rw, PRIVATE|ANON) = 0x7ffff7600000\nexpect perms(a) rw-p\nb = mremap(a, 8M, 16M, 1)\n',
    'f = open("/dev/hugepages/x", 0102)\nftruncate(f, 4M)\npredict "What?" | one | "two"*\ntouch(a - 1 + 2*4K, 3) = -1 EFAULT (Bad)\n',
  ],
  words: [
    ...CALL_NAMES,
    ...FIELD_NAMES,
    ...SETTING_NAMES,
    'expect',
    'predict',
    'NULL',
    'PROT_READ|PROT_WRITE',
    '21<<MAP_HUGE_SHIFT',
  ],
  take(text) {
    const parsed = parse(text);
    const { scenario, places, diagnostics, sound } = parsed;
    if (diagnostics.length > 10) return 'more than ten findings';
    if (places.length !== scenario.statements.length) return 'statements without a place';
    const lines = text.split(/\r\n|\r|\n/).length;
    for (const { at, message } of diagnostics)
      if (!(at.line >= 1 && at.line <= lines && at.column >= 1 && at.end > at.column && message !== ''))
        return `a finding without a place: ${JSON.stringify(at)}`;
    const program = compileParsed(parsed);
    const env = program.start();
    for (let k = 0; k < program.steps.length; k++) program.resolve(k, env);
    if (diagnostics.length > 0) return '';
    if (sound !== scenario.statements.length) return 'unsound without a finding';
    for (const style of [undefined, BRIEF]) {
      const again = parse(format(scenario, style));
      if (again.diagnostics.length > 0) return `what was written is not read again: ${again.diagnostics[0]!.message}`;
      if (!isDeepStrictEqual(again.scenario, scenario)) return 'what was written is read as something else';
    }
    return '';
  },
};
export default kind;
