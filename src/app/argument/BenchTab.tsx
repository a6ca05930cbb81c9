import { useState } from 'react';
import type { HandlerSite } from '../../engine/designs/sites';
import { BENCH_MEMBERS, benchPath, choicesFor, DRIVER_TEXTS, type Choice } from '../../engine/drivers/texts';
import { DEFAULT_DESIGN, otherThan } from '../catalogue';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { openText } from '../start';
import { lifeOf, onDevice, opensDevice } from './bench-scenario';
import style from './argument.module.css';

const SAID: Readonly<Record<Choice, string>> = {
  right: 'the right one',
  none: 'none',
  wrong: 'a wrong one',
  uncleared: 'one that does not clear',
};
const RIGHT = Object.fromEntries(BENCH_MEMBERS.map(({ site }) => [site, 'right'])) as Record<HandlerSite, Choice>;

/** Drivers to try: those that are there, those that misbehave, and one put together member by member. */
export function BenchTab({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const [choices, setChoices] = useState(RIGHT);

  const run = (path: string, title: string, other: string): void => {
    onClose();
    void openText(session, lifeOf(path, title), { design: DEFAULT_DESIGN, other }).then(() =>
      other === '' ? undefined : session.compare(),
    );
  };
  const here = (path: string): void => {
    onClose();
    void session.edit(onDevice(text, path));
  };
  const path = benchPath(choices);
  const title = BENCH_MEMBERS.filter(({ site }) => choices[site] !== 'right')
    .map(({ site }) => `${site} ${choices[site]}`)
    .join(', ');
  const buttons = (device: string, name: string) => (
    <>
      <button type="button" className={button.button} onClick={() => run(device, name, '')}>
        Run a life of it
      </button>
      <button type="button" className={button.button} onClick={() => run(device, name, otherThan(DEFAULT_DESIGN))}>
        Under {DEFAULT_DESIGN} and {otherThan(DEFAULT_DESIGN)}
      </button>
      {opensDevice(text) ? (
        <button type="button" className={button.button} onClick={() => here(device)}>
          In this scenario
        </button>
      ) : null}
    </>
  );
  return (
    <>
      <p className={style.says}>
        What may stand behind a mapping, where the design lets it. The lamp names what a mistake breaks, in the
        operation that breaks it.
      </p>
      <fieldset className={style.members}>
        <legend>A driver of your own: what stands in the place of each member?</legend>
        <table className={style.table}>
          <tbody>
            {BENCH_MEMBERS.map((member) => (
              <tr key={member.site}>
                <th scope="row">{member.site}</th>
                <td role="radiogroup" aria-label={member.site}>
                  {choicesFor(member).map((choice) => (
                    <label key={choice} className={style.choice}>
                      <input
                        type="radio"
                        name={`bench-${member.site}`}
                        checked={choices[member.site] === choice}
                        onChange={() => setChoices({ ...choices, [member.site]: choice })}
                      />
                      {SAID[choice]}
                    </label>
                  ))}
                </td>
                <td>
                  {choices[member.site] === 'wrong'
                    ? member.wrong
                    : choices[member.site] === 'uncleared'
                      ? member.uncleared
                      : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className={style.row}>
          <code className={style.mono}>{path}</code>
          {buttons(path, title === '' ? 'every member right' : title)}
        </div>
      </fieldset>
      {[false, true].map((broken) => (
        <section key={String(broken)}>
          <h3 className={style.apart}>{broken ? 'Drivers that misbehave' : 'Drivers that are right'}</h3>
          <ul className={style.list} style={{ gridTemplateColumns: '1fr' }}>
            {DRIVER_TEXTS.filter((driver) => driver.broken === broken).map((driver) => (
              <li key={driver.path} style={{ gridTemplateColumns: 'minmax(11rem, 1fr) 2fr auto' }}>
                <code className={style.mono}>{driver.path}</code>
                <span>
                  <strong>{driver.title}.</strong> {driver.tells}
                </span>
                <span className={style.row} style={{ margin: 0 }}>
                  {buttons(driver.path, driver.title)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
