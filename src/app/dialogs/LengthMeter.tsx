import style from './dialogs.module.css';

/** Characters up to which a link fits, and where. */
const FITS = [
  { most: 300, where: 'a QR code that reads from the back row' },
  { most: 2000, where: 'chat and mail' },
  { most: 8000, where: 'a page, and most browsers' },
] as const;
const SCALE = 2400;

/** How long a link is, and where it fits. */
export function LengthMeter({ url }: { url: string }) {
  const { length } = url;
  const fits = FITS.find(({ most }) => length <= most);
  return (
    <div className={style.length}>
      <div className={style.scale} aria-hidden>
        <span
          style={{ inlineSize: `${(100 * Math.min(length, SCALE)) / SCALE}%` }}
          data-over={length > 2000 || undefined}
        />
        <i style={{ insetInlineStart: `${(100 * 300) / SCALE}%` }}>300 back row</i>
        <i data-before style={{ insetInlineEnd: `${100 - (100 * 2000) / SCALE}%` }}>
          2,000 chat
        </i>
      </div>
      <p>
        <strong>{length.toLocaleString('en')}</strong> characters: fits {fits?.where ?? 'a file only: save it instead'}.
      </p>
    </div>
  );
}
