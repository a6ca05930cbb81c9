import { useState } from 'react';
import { CATALOGUE, DEFAULT_DESIGN, otherThan } from '../catalogue';
import button from '../parts/button.module.css';
import { Sentence } from '../parts/Sentence';
import { useActions, useSession } from '../session';
import style from './argument.module.css';

const TIMES = ['as the scenario says', '2.6.20', '6.18'] as const;
type Time = (typeof TIMES)[number];

const named = (design: string, time: Time): string => (time === TIMES[0] ? design : `${design}@${time}`);

function split(name: string): [string, Time] {
  const [design = DEFAULT_DESIGN, rules = ''] = name.split('@');
  return [design, TIMES.find((time) => time === rules) ?? TIMES[0]];
}

/** Two designs, or two times, over the whole scenario: every difference, in words. */
export function DifferencesTab({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const loaded = useSession((state) => state.scenario.loaded);
  const comparison = useSession((state) => state.pictures.comparison);
  const [left, leftTime] = split(loaded?.design ?? DEFAULT_DESIGN);
  const [right, rightTime] = split(loaded?.other === '' || loaded === null ? otherThan(left) : loaded.other);
  const [busy, setBusy] = useState(false);

  async function compare(design: string, other: string): Promise<void> {
    setBusy(true);
    await session.setDesigns(design, other);
    await session.compare();
    setBusy(false);
  }
  const choose = (side: 'left' | 'right', design: string, time: Time) =>
    void (side === 'left'
      ? compare(named(design, time), named(right, rightTime))
      : compare(named(left, leftTime), named(design, time)));

  const sides = [
    { side: 'left', label: 'Here', design: left, time: leftTime },
    { side: 'right', label: 'Beside it', design: right, time: rightTime },
  ] as const;
  return (
    <>
      <div className={style.row}>
        {sides.map(({ side, label, design, time }) => (
          <fieldset key={side} className={style.row} style={{ border: 0, padding: 0, margin: 0 }}>
            <label>
              {label}
              <select value={design} onChange={(event) => choose(side, event.target.value, time)}>
                {CATALOGUE.map((entry) => (
                  <option key={entry.design}>{entry.design}</option>
                ))}
              </select>
            </label>
            <label>
              rules
              <select
                aria-label={`${label}: rules`}
                value={time}
                onChange={(event) => choose(side, design, event.target.value as Time)}
              >
                {TIMES.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          </fieldset>
        ))}
        <button
          type="button"
          className={`${button.button} ${button.main}`}
          disabled={busy}
          onClick={() => void compare(named(left, leftTime), named(right, rightTime))}
        >
          Compare
        </button>
        <button
          type="button"
          className={button.button}
          disabled={busy}
          onClick={() => void compare(`${left}@2.6.20`, `${left}@6.18`)}
        >
          2007 beside today
        </button>
      </div>
      {comparison === null ? (
        <p className={style.says} role="status">
          {busy
            ? 'Both run from the first operation to the last.'
            : 'Compare runs the whole scenario twice in lock-step and lists every difference.'}
        </p>
      ) : (
        <>
          <p role="status">
            <Sentence parts={comparison.sentence} />
          </p>
          <p className={style.says}>
            {comparison.compared} of {comparison.n} operations compared, {comparison.total}{' '}
            {comparison.total === 1 ? 'difference' : 'differences'}
            {comparison.firstState === null
              ? '. Areas, page tables, pool and answers are the same at every step.'
              : '.'}
          </p>
          <ol className={style.list} aria-label="Differences">
            {comparison.differences.map((difference, i) => (
              <li key={`${difference.k}:${i}`}>
                <button
                  type="button"
                  className={button.button}
                  onClick={() => {
                    onClose();
                    void session.go({ k: difference.k, event: null });
                  }}
                >
                  Step {difference.k}
                </button>
                <span>
                  <Sentence parts={difference.sentence} />
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}
