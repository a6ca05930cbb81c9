import { encode } from 'uqr';
import style from './dialogs.module.css';

/** Bytes of the largest code, at the lowest correction; more cannot be one. */
const MOST = 2900;

/** A text as a QR code: dark on light in every theme, as cameras want it. */
export function QrCode({ text }: { text: string }) {
  if (text.length > MOST) return <p className={style.noQr}>Too long for a QR code. Save the file instead.</p>;
  const { data, size } = encode(text, { ecc: text.length > 900 ? 'L' : 'M', border: 3 });
  let path = '';
  data.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : '')));
  return (
    <figure className={style.qr}>
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of the link" shapeRendering="crispEdges">
        <rect width={size} height={size} fill="#ffffff" />
        <path d={path} fill="#000000" />
      </svg>
      <figcaption>
        {text.length <= 300
          ? 'Reads from the back row.'
          : text.length <= 900
            ? 'Reads from a few steps away; a shorter scenario makes a coarser code.'
            : 'Dense: reads from a screen close by only.'}
      </figcaption>
    </figure>
  );
}
