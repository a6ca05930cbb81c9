import { Copy, Download } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { offerFile } from '../files';
import { linkTo } from '../link';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { QrCode } from './QrCode';
import style from './dialogs.module.css';

/** Characters up to which a link fits, and where. */
const FITS = [
  { most: 300, where: 'a QR code that reads from the back row' },
  { most: 2000, where: 'chat and mail' },
  { most: 8000, where: 'most browsers; for others save the file' },
] as const;

/** The scenario as a link, a QR code, a frame for a course page, or a file. */
export function ShareDialog({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const title = useSession((state) => state.scenario.loaded?.title) || 'mmscope scenario';
  const { k } = useSession((state) => state.time.place);
  const [here, setHere] = useState(true);
  const [copied, setCopied] = useState('');
  const [fingerprint, setFingerprint] = useState<number | null>(null);
  useEffect(() => {
    let wanted = true;
    void session.finish().then((finish) => {
      if (wanted && finish) setFingerprint(finish.fingerprint);
    });
    return () => {
      wanted = false;
    };
  }, [session, text]);
  // The text and the place are what the link holds.
  // oxlint-disable-next-line react/exhaustive-deps
  const link = useMemo(() => linkTo(session, here, fingerprint), [session, here, fingerprint, text, k]);
  useEffect(() => setCopied(''), [link]);
  const copy = async (what: string, said: string) => {
    try {
      await navigator.clipboard.writeText(said);
      setCopied(`${what} copied.`);
    } catch {
      setCopied('The browser does not allow copying here: select the text and copy it.');
    }
  };
  if (!link.ok)
    return (
      <Dialog title="Share" onClose={onClose}>
        <p>{link.error.message}</p>
        <button type="button" className={button.button} onClick={() => offerFile(`${title}.mm`, text)}>
          <Download size="1em" aria-hidden /> Save the file
        </button>
      </Dialog>
    );
  const { url } = link;
  const length = url.length - url.indexOf('#') - 1;
  const fits = FITS.find(({ most }) => length <= most);
  const ways: readonly (readonly [string, string])[] = [
    ['Link', url],
    ['Markdown', `[${title.replace(/[[\]]/g, '')}](${url})`],
    [
      'Frame',
      `<iframe src="${url}" title="${title.replace(/"/g, '&quot;')}" width="100%" height="720" loading="lazy"></iframe>`,
    ],
    ['Text', text],
  ];
  return (
    <Dialog title="Share" onClose={onClose} wide>
      <fieldset className={style.row}>
        <legend className="unseen">Where it opens</legend>
        <label className={style.check}>
          <input type="radio" name="where" checked={here} onChange={() => setHere(true)} /> at this step ({k})
        </label>
        <label className={style.check}>
          <input type="radio" name="where" checked={!here} onChange={() => setHere(false)} /> at the start
        </label>
      </fieldset>
      <div className={style.share}>
        <div>
          <label className={style.field}>
            Link
            <input readOnly value={url} onFocus={(event) => event.target.select()} />
          </label>
          <p className={style.says}>
            {length} characters after <code>#</code>: fits {fits?.where ?? 'a file only'}. The whole scenario is in the
            link; nothing is uploaded.
          </p>
          <meter
            className={style.meter}
            min={0}
            max={2000}
            low={300}
            high={1999}
            optimum={0}
            value={Math.min(length, 2000)}
            aria-label="Length of the link, of 2,000 characters"
          />
          <div className={style.row}>
            {ways.map(([what, said]) => (
              <button key={what} type="button" className={button.button} onClick={() => void copy(what, said)}>
                <Copy size="1em" aria-hidden /> {what}
              </button>
            ))}
            <button type="button" className={button.button} onClick={() => offerFile(`${title}.mm`, text)}>
              <Download size="1em" aria-hidden /> File
            </button>
          </div>
          <p role="status" className={style.says}>
            {copied}
          </p>
        </div>
        {length <= 2000 ? <QrCode text={url} /> : null}
      </div>
    </Dialog>
  );
}
