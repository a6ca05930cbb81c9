import { useEffect, useState } from 'react';
import { hex, sizeText } from '../../base/units';
import type { TlbPicture } from '../../history/tlb';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { shapeOf, withTlb } from './tlb-setting';
import style from './argument.module.css';

/** What the process that is looked at holds in a small translation cache, at the moment shown. */
export function TlbTab() {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const who = useSession((state) => state.want.who);
  const moment = useSession((state) => state.pictures.left?.moment);
  const [shape, setShape] = useState(() => shapeOf(text) ?? '4x4+1x8');
  const on = shapeOf(text) !== null;
  const wrong = withTlb(text, shape) === null;
  return (
    <>
      <form
        className={style.row}
        onSubmit={(event) => {
          event.preventDefault();
          const changed = withTlb(text, shape);
          if (changed !== null) void session.edit(changed);
        }}
      >
        <label>
          Rows × entries for 4 KiB pages + for larger ones
          <input
            className={style.mono}
            size={9}
            value={shape}
            aria-invalid={wrong}
            onChange={(event) => setShape(event.target.value)}
          />
        </label>
        <button type="submit" className={`${button.button} ${button.main}`} disabled={wrong}>
          {on ? 'Change its shape' : 'Switch it on'}
        </button>
        {on ? (
          <button type="button" className={button.button} onClick={() => void session.edit(withTlb(text, '')!)}>
            Switch it off
          </button>
        ) : null}
      </form>
      <Cache
        key={`${moment?.branch} ${moment?.k} ${moment?.event} ${who} ${shapeOf(text)}`}
        who={who}
        k={moment?.k ?? 0}
      />
    </>
  );
}

function Cache({ who, k }: { who: number; k: number }) {
  const session = useActions();
  const [tlb, setTlb] = useState<TlbPicture | null>(null);
  useEffect(() => {
    let wanted = true;
    void session.tlb(who).then((said) => {
      if (wanted) setTlb(said);
    });
    return () => {
      wanted = false;
    };
  }, [session, who]);
  if (tlb === null)
    return (
      <p className={style.says}>
        No translation cache is modelled. Switched on, it counts hits and misses, and a flush that a driver leaves out
        shows as a translation that is used although the page tables no longer have it.
      </p>
    );
  return (
    <>
      <p role="status">
        After step {k}: {tlb.hits.toLocaleString('en')} hits, {tlb.misses.toLocaleString('en')} misses
        {tlb.stale > 0 ? (
          <strong className={style.bad}>, {tlb.stale} by a translation that was no longer there</strong>
        ) : null}
        .
      </p>
      <section className={style.scroll} tabIndex={0} aria-label="Translation cache">
        <table className={style.table}>
          <caption>
            What process {who + 1} holds of at most {tlb.shape.sets * tlb.shape.ways} small and{' '}
            {tlb.shape.largeSets * tlb.shape.largeWays} large translations.
          </caption>
          <thead>
            <tr>
              <th scope="col">address</th>
              <th scope="col">size</th>
              <th scope="col">frame</th>
              <th scope="col">bits</th>
              <th scope="col">row</th>
              <th scope="col" className={style.left}>
                page tables
              </th>
            </tr>
          </thead>
          <tbody>
            {tlb.entries.map((entry) => (
              <tr key={entry.address}>
                <th scope="row">{hex(entry.address)}</th>
                <td>{sizeText(entry.size)}</td>
                <td className={style.mono}>{entry.pfn.toString(16)}</td>
                <td className={style.mono}>{entry.bits}</td>
                <td>{entry.row}</td>
                <td className={style.left}>
                  {entry.stale ? <strong className={style.bad}>stale: they say otherwise</strong> : 'agree'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
