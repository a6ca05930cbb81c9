import { Copy, Download } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { USUAL_EMBED, type Embed } from '../embed';
import { fileName, offerFile } from '../files';
import { linkTo } from '../link';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { FrameChoices } from './FrameChoices';
import { LengthMeter } from './LengthMeter';
import { QrCode } from './QrCode';
import style from './dialogs.module.css';

/** Milliseconds that a person waits for the run's end before the link is made without it. */
const PATIENCE = 4000;

/** Fingerprint of the state at the end of the run: undefined while it runs, null where it takes too long. */
function useFingerprint(): number | null | undefined {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const [found, setFound] = useState<{ text: string; fingerprint: number | null }>();
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => setFound({ text, fingerprint: null }), PATIENCE);
    void session.finish().then((finish) => {
      clearTimeout(timer);
      if (wanted) setFound({ text, fingerprint: finish?.fingerprint ?? null });
    });
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, text]);
  return found?.text === text ? found.fingerprint : undefined;
}

const markdownLink = (title: string, url: string): string =>
  `[${title.replace(/[\\[\]]/g, '\\$&').replace(/\s+/g, ' ')}](${url.replace(/[()\s]/g, encodeURIComponent)})`;

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A frame for a page, which can be put on the full screen and change nothing around it. */
const frameHtml = (title: string, url: string): string =>
  `<iframe title="${escapeHtml(title)}" src="${escapeHtml(url)}" width="100%" height="560" loading="lazy" allow="fullscreen; clipboard-write"></iframe>`;

/** The scenario as a link, a QR code, a frame for a course page, or a file. */
export function ShareDialog({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const text = useSession((state) => state.scenario.text);
  const title = useSession((state) => state.scenario.loaded?.title) || 'mmscope scenario';
  const n = useSession((state) => state.scenario.loaded?.n ?? 0);
  const { k } = useSession((state) => state.time.place);
  const fingerprint = useFingerprint();
  const [here, setHere] = useState(true);
  // What the frame shows; null until somebody asks for one.
  const [embed, setEmbed] = useState<Embed | null>(null);
  const [copied, setCopied] = useState('');
  const link = useMemo(() => {
    // The text and the place are what the link holds; both are read from the session.
    void [text, k];
    return fingerprint === undefined ? null : linkTo(session, { here, fingerprint, embed: null });
  }, [session, text, k, here, fingerprint]);
  const frame = useMemo(() => {
    void [text, k];
    return fingerprint === undefined || embed === null ? null : linkTo(session, { here, fingerprint, embed });
  }, [session, text, k, here, fingerprint, embed]);
  useEffect(() => setCopied(''), [link, frame]);
  const copy = async (what: string, said: string) => {
    try {
      await navigator.clipboard.writeText(said);
      setCopied(`${what} copied.`);
    } catch {
      setCopied('The browser does not allow copying here: select the text and copy it.');
    }
  };
  const copyButton = (what: string, said: string) => (
    <button type="button" className={button.button} onClick={() => void copy(what, said)}>
      <Copy size="1em" aria-hidden /> {what}
    </button>
  );
  const file = (
    <button type="button" className={button.button} onClick={() => offerFile(`${fileName(title)}.mm`, text)}>
      <Download size="1em" aria-hidden /> File
    </button>
  );
  if (link === null)
    return (
      <Dialog title="Share" onClose={onClose} wide>
        <p role="status">Running to the end once, so that the link can say what the run comes to.</p>
      </Dialog>
    );
  if (!link.ok)
    return (
      <Dialog title="Share" onClose={onClose}>
        <p>{link.error.message}</p>
        <div className={style.row}>{file}</div>
      </Dialog>
    );
  const { url } = link;
  const iframe = frame?.ok ? frameHtml(title, frame.url) : '';
  return (
    <Dialog title="Share" onClose={onClose} wide>
      <div className={style.share}>
        <div>
          <fieldset className={style.row}>
            <legend className="unseen">Where it opens</legend>
            <label className={style.check}>
              <input type="radio" name="where" checked={here} onChange={() => setHere(true)} /> opens at this step ({k})
            </label>
            <label className={style.check}>
              <input type="radio" name="where" checked={!here} onChange={() => setHere(false)} /> at the start
            </label>
          </fieldset>
          <label className={style.field}>
            Link
            <input readOnly value={url} onFocus={(event) => event.target.select()} />
          </label>
          <LengthMeter url={url} />
          <p className={style.says}>The whole scenario is in the link; nothing is uploaded.</p>
          {fingerprint === null ? (
            <p className={style.says}>The run was too long to wait for: this link does not say what it comes to.</p>
          ) : null}
          <div className={style.row}>
            {copyButton('Link', url)}
            {copyButton('Markdown', markdownLink(title, url))}
            {copyButton('Text', text)}
            {file}
          </div>
          <details className={style.more} onToggle={() => setEmbed(embed ?? USUAL_EMBED)}>
            <summary>A frame for a course page</summary>
            <FrameChoices embed={embed ?? USUAL_EMBED} n={n} onChange={setEmbed} />
            <label className={style.field}>
              HTML
              <textarea readOnly rows={3} value={iframe} onFocus={(event) => event.target.select()} />
            </label>
            <div className={style.row}>{copyButton('Frame', iframe)}</div>
          </details>
          <p role="status" className={style.says}>
            {copied}
          </p>
        </div>
        <QrCode text={url} />
      </div>
    </Dialog>
  );
}
