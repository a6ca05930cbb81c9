import { Download } from 'lucide-react';
import { useState } from 'react';
import type { ExportKind } from '../../protocol/export';
import { pictureSvg, PICTURE_KINDS, PICTURE_NAMES, pngOf, type PictureName } from '../export/picture-image';
import { fileName, offerFile } from '../files';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import style from './dialogs.module.css';

const RUNS: readonly { as: ExportKind; name: string; says: string; ending: string; type: string }[] = [
  {
    as: 'jsonl',
    name: 'Run as JSON lines',
    says: 'Each operation with its numbers and what came of it.',
    ending: 'jsonl',
    type: 'application/x-ndjson',
  },
  {
    as: 'csv',
    name: 'Counters as CSV',
    says: 'A row for each step and process: VmRSS, VmPTE, HugePages_Free …',
    ending: 'csv',
    type: 'text/csv;charset=utf-8',
  },
  { as: 'maps', name: '/proc/PID/maps', says: 'At the end of the run.', ending: 'maps.txt', type: 'text/plain' },
  { as: 'smaps', name: '/proc/PID/smaps', says: 'At the end of the run.', ending: 'smaps.txt', type: 'text/plain' },
  { as: 'status', name: '/proc/PID/status', says: 'At the end of the run.', ending: 'status.txt', type: 'text/plain' },
  { as: 'meminfo', name: '/proc/meminfo', says: 'At the end of the run.', ending: 'meminfo.txt', type: 'text/plain' },
];

/** The pictures of the moment and the whole run as files. */
export function ExportDialog({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const pictures = useSession((state) => state.pictures.left);
  const right = useSession((state) => state.pictures.right);
  const text = useSession((state) => state.scenario.text);
  const title = useSession((state) => state.scenario.loaded?.title ?? '');
  const progress = useSession((state) => state.status.progress);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const base = fileName(title);
  const attempt = async (what: string, work: () => Promise<boolean>) => {
    setBusy(true);
    setSaid(`Making ${what} …`);
    try {
      setSaid((await work()) ? `${what} saved.` : `${what} was not made.`);
    } catch {
      setSaid(`${what} could not be made in this browser.`);
    } finally {
      setBusy(false);
    }
  };
  const picture = (name: PictureName, as: 'SVG' | 'PNG') =>
    attempt(`${PICTURE_KINDS[name].title} as ${as}`, async () => {
      let saved = false;
      for (const side of [pictures, right]) {
        const svg = side === null ? null : await pictureSvg(name, side);
        if (side === null || svg === null) continue;
        const design = right === null ? '' : `-${fileName(side.moment.design)}`;
        const to = `${base}-step-${side.moment.k}-${name}${design}`;
        const file = as === 'SVG' ? new Blob([svg], { type: 'image/svg+xml' }) : await pngOf(svg);
        if (file === null) continue;
        offerFile(`${to}.${as.toLowerCase()}`, file);
        saved = true;
      }
      return saved;
    });
  const k = pictures?.moment.k ?? 0;
  return (
    <Dialog title="Export" onClose={onClose} wide>
      <div className={style.stack}>
        <section aria-label="Pictures">
          <h3 className={style.apart}>
            Pictures at step {k}
            {right ? ', one of each design' : ''}
          </h3>
          <ul className={style.exports}>
            {PICTURE_NAMES.map((name) => (
              <li key={name}>
                <span>{PICTURE_KINDS[name].title}</span>
                {(['SVG', 'PNG'] as const).map((as) => (
                  <button
                    key={as}
                    type="button"
                    className={button.button}
                    disabled={busy || pictures === null}
                    aria-label={`${PICTURE_KINDS[name].title} as ${as}`}
                    onClick={() => void picture(name, as)}
                  >
                    <Download size="1em" aria-hidden /> {as}
                  </button>
                ))}
              </li>
            ))}
          </ul>
        </section>
        <section aria-label="The whole run">
          <h3 className={style.apart}>The whole run</h3>
          <ul className={style.exports}>
            <li>
              <span>
                Scenario <small>The text, as it stands.</small>
              </span>
              <button
                type="button"
                className={button.button}
                aria-label="Scenario"
                onClick={() => {
                  offerFile(`${base}.mm`, text);
                  setSaid('Scenario saved.');
                }}
              >
                <Download size="1em" aria-hidden /> .mm
              </button>
            </li>
            {RUNS.map(({ as, name, says, ending, type }) => (
              <li key={as}>
                <span>
                  {name} <small>{says}</small>
                </span>
                <button
                  type="button"
                  className={button.button}
                  disabled={busy}
                  aria-label={name}
                  onClick={() =>
                    void attempt(name, async () => {
                      const made = await session.exportRun(as);
                      if (made !== null) offerFile(`${base}.${ending}`, made, type);
                      return made !== null;
                    })
                  }
                >
                  <Download size="1em" aria-hidden /> .{ending.split('.').at(-1)}
                </button>
              </li>
            ))}
          </ul>
        </section>
        <p role="status" className={style.says}>
          {said}
        </p>
        {busy && progress && progress.of > 1 ? (
          <div className={style.row}>
            <progress className={style.wide} aria-label="Operations run" value={progress.done} max={progress.of} />
            <button type="button" className={button.button} onClick={() => session.stop()}>
              Cancel
            </button>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
