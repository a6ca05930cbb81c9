import type { Inspection, Ref } from '../../history/picture';
import { Sentence } from '../parts/Sentence';
import button from '../parts/button.module.css';
import style from './inspector.module.css';

/** Everything about the selected thing, in Linux's names and their meaning. */
export function Inspector({
  inspection,
  onSelect,
  onPoint,
}: {
  inspection: Inspection | null;
  onSelect: (ref: Ref) => void;
  onPoint: (ref: Ref | null) => void;
}) {
  if (inspection === null)
    return (
      <p className={style.empty}>
        Nothing is selected. Click an area, a table, an entry or a page in a picture: what Linux keeps about it stands
        here.
      </p>
    );
  return (
    <div className={style.inspector}>
      <h3 data-slot={inspection.slot}>{inspection.title}</h3>
      {inspection.found ? (
        <p>
          <Sentence parts={inspection.sentence} onPoint={onPoint} />
        </p>
      ) : (
        <p className={style.empty}>It is not there at this moment.</p>
      )}
      {inspection.links.length > 0 ? (
        <ul className={style.links} aria-label="Belongs to">
          {inspection.links.map(({ label, ref }) => (
            <li key={`${ref}${label}`}>
              <button
                type="button"
                className={button.button}
                onClick={() => onSelect(ref)}
                onPointerEnter={() => onPoint(ref)}
                onPointerLeave={() => onPoint(null)}
              >
                {label}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {inspection.rows.length > 0 ? (
        <table className={style.rows}>
          <thead className="unseen">
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {inspection.rows.map((row) => (
              <tr key={row.name} data-changed={row.changed || undefined}>
                <th scope="row">{row.name}</th>
                <td>
                  <code>{row.value}</code>
                </td>
                <td className={style.meaning}>{row.meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}
