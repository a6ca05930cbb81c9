import type { Ref, Sentence as Parts } from '../../history/picture';
import style from './sentence.module.css';

/** A sentence about the machine: names of areas carry the area's colour, Linux's names are monospaced. */
export function Sentence({ parts, onPoint }: { parts: Parts; onPoint?: (ref: Ref | null) => void }) {
  return parts.map((part, i) => {
    const key = `${i}${part.text}`;
    if (part.kind === 'plain') return <span key={key}>{part.text}</span>;
    if (part.kind === 'code') return <code key={key}>{part.text}</code>;
    if (part.kind === 'number')
      return (
        <span key={key} className={style.number}>
          {part.text}
        </span>
      );
    return (
      <b
        key={key}
        className={style.area}
        data-slot={part.slot ?? 0}
        onPointerEnter={part.ref && onPoint ? () => onPoint(part.ref!) : undefined}
        onPointerLeave={onPoint ? () => onPoint(null) : undefined}
      >
        {part.text}
      </b>
    );
  });
}

export const sentenceText = (parts: Parts): string => parts.map((part) => part.text).join('');
