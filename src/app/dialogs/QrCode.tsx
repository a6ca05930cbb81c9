import { encode } from 'uqr';
import style from './dialogs.module.css';

/** A text as a QR code: dark on light in every theme, as cameras want it. */
export function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: text.length > 900 ? 'L' : 'M', border: 3 });
  let path = '';
  data.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : '')));
  return (
    <svg
      className={style.qr}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code of the link"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
