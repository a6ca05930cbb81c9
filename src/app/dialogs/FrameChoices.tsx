import type { Embed } from '../embed';
import { PLACES, THEMES } from '../ui';
import style from './dialogs.module.css';

const PANES = {
  scenario: 'Scenario',
  space: 'Address space',
  tables: 'Page tables',
  pool: 'Pool and frames',
  drawer: 'Path and /proc',
} as const;

/** What a frame shows, and how far it can be stepped through. */
export function FrameChoices({ embed, n, onChange }: { embed: Embed; n: number; onChange: (embed: Embed) => void }) {
  const { panes, steps, theme, keys } = embed;
  const bound = (text: string) => Math.max(0, Math.min(n, Math.floor(Number(text) || 0)));
  const range = (from: number, to: number) =>
    onChange({ ...embed, steps: from <= 0 && to >= n ? null : { from: Math.min(from, to), to: Math.max(from, to) } });
  return (
    <div className={style.choices}>
      <fieldset className={style.row}>
        <legend>Panes</legend>
        {PLACES.map((place) => (
          <label key={place} className={style.check}>
            <input
              type="checkbox"
              checked={panes.includes(place)}
              disabled={panes.length === 1 && panes[0] === place}
              onChange={(event) =>
                onChange({
                  ...embed,
                  panes: PLACES.filter((one) => (one === place ? event.target.checked : panes.includes(one))),
                })
              }
            />
            {PANES[place]}
          </label>
        ))}
      </fieldset>
      <div className={style.row}>
        <label className={style.inline}>
          from step
          <input
            type="number"
            min={0}
            max={n}
            value={steps?.from ?? 0}
            onChange={(event) => range(bound(event.target.value), steps?.to ?? n)}
          />
        </label>
        <label className={style.inline}>
          to step
          <input
            type="number"
            min={0}
            max={n}
            value={steps?.to ?? n}
            onChange={(event) => range(steps?.from ?? 0, bound(event.target.value))}
          />
        </label>
        <label className={style.inline}>
          theme
          <select
            value={theme ?? 'system'}
            onChange={(event) => {
              const chosen = THEMES.find((one) => one === event.target.value) ?? 'system';
              onChange({ ...embed, theme: chosen === 'system' ? null : chosen });
            }}
          >
            {THEMES.map((name) => (
              <option key={name} value={name}>
                {name === 'system' ? 'the reader’s' : name}
              </option>
            ))}
          </select>
        </label>
        <label className={style.check}>
          <input
            type="checkbox"
            checked={keys}
            onChange={(event) => onChange({ ...embed, keys: event.target.checked })}
          />
          single-key shortcuts
        </label>
      </div>
    </div>
  );
}
