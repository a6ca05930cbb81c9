import { useCallback, useEffect, useState } from 'react';
import { drafts } from '../drafts';
import type { Draft } from '../drafts/draft';
import type { Listed } from '../drafts/drafts';
import { fileName, offerFile } from '../files';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions } from '../session';
import { takeBack } from '../start';
import style from './kept.module.css';
import dialogs from './dialogs.module.css';

const WHERE: Readonly<Record<Listed['where'], string>> = {
  here: 'on this page now',
  elsewhere: 'open in another tab',
  kept: '',
  'only here': 'only in this page, until it is closed',
};

const count = (n: number, one: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : `${one}s`}`;

const dateOf = (time: number): string =>
  time === 0 ? '' : new Date(time).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });

/** All work that this browser keeps: what was changed or brought along, in this tab or another, now or last time. */
export function KeptDialog({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const [list, setList] = useState<readonly Listed[] | null>(null);
  const [deleted, setDeleted] = useState<readonly { draft: Draft; title: string }[]>([]);
  const read = useCallback(() => void drafts.list().then(setList), []);
  useEffect(read, [read]);

  const forget = async (one: Listed): Promise<void> => {
    const draft = await drafts.find(one.name);
    await drafts.forget(one);
    if (draft) setDeleted([...deleted, { draft, title: one.title }]);
    read();
  };
  const putBack = (draft: Draft): void => {
    drafts.restore(draft);
    setDeleted(deleted.filter((one) => one.draft !== draft));
    void drafts.flush().then(read);
  };

  return (
    <Dialog title="Kept work" onClose={onClose} wide>
      <p className={dialogs.says}>
        Scenarios that you have changed or brought along. They stay in this browser, on this computer, until you delete
        them here. A private window forgets them when it is closed: save what you need as a file.
      </p>
      {list === null ? <p role="status">Reading what is kept.</p> : null}
      {list?.length === 0 ? <p role="status">Nothing is kept yet: a scenario is, as soon as you change it.</p> : null}
      <ul className={style.list} aria-label="What is kept">
        {list?.map((one) => (
          <Row
            key={one.name}
            one={one}
            onOpen={() => {
              onClose();
              void takeBack(session, one.name);
            }}
            onSave={() =>
              void drafts.find(one.name).then((draft) => draft && offerFile(`${fileName(one.title)}.mm`, draft.text))
            }
            onForget={() => void forget(one)}
          />
        ))}
      </ul>
      <div role="status" className={style.deleted}>
        {deleted.map(({ draft, title }) => (
          <p key={draft.name}>
            <span>“{title}” was deleted.</span>
            <button type="button" autoFocus className={button.button} onClick={() => putBack(draft)}>
              Put it back
            </button>
          </p>
        ))}
      </div>
    </Dialog>
  );
}

function Row({
  one,
  onOpen,
  onSave,
  onForget,
}: {
  one: Listed;
  onOpen: () => void;
  onSave: () => void;
  onForget: () => void;
}) {
  const { title, lines, characters, time, where } = one;
  const says = [count(lines, 'line'), count(characters, 'character'), dateOf(time)].filter(Boolean).join(', ');
  const named = (what: string): string => `${what}: ${title}, ${says}`;
  return (
    <li data-where={where}>
      <span className={style.what}>
        <strong>{title}</strong>
        <small>{says}</small>
        {WHERE[where] === '' ? null : <small className={style.where}>{WHERE[where]}</small>}
      </span>
      <span className={style.buttons}>
        {where === 'here' ? null : (
          <button
            type="button"
            className={button.button}
            aria-label={named(where === 'elsewhere' ? 'Open a copy' : 'Open')}
            onClick={onOpen}
          >
            {where === 'elsewhere' ? 'Open a copy' : 'Open'}
          </button>
        )}
        <button type="button" className={button.button} aria-label={named('Save as a file')} onClick={onSave}>
          Save as a file
        </button>
        {where === 'here' || where === 'elsewhere' ? null : (
          <button type="button" className={button.button} aria-label={named('Delete')} onClick={onForget}>
            Delete
          </button>
        )}
      </span>
    </li>
  );
}
