import { useEffect, useMemo, useRef, useState } from 'react';
import type { SourcePlace } from '../../history/picture';
import { designFile } from '../design-files';
import style from './source.module.css';

/** The design's own file, as this page runs it, with the line lit that runs at this moment. */
export function SourcePanel({ design, place }: { design: string; place: SourcePlace | null }) {
  const file = place?.file ?? `${design}.ts`;
  const [loaded, setLoaded] = useState<{ file: string; text: string } | null>(null);
  const code = useRef<HTMLOListElement>(null);
  useEffect(() => {
    let wanted = true;
    void designFile(file).then((text) => {
      if (wanted) setLoaded({ file, text: text ?? '' });
    });
    return () => {
      wanted = false;
    };
  }, [file]);
  const lines = useMemo(() => loaded?.text.trimEnd().split('\n') ?? [], [loaded]);
  const running = place && loaded?.file === place.file ? place.line - 1 : -1;
  useEffect(() => {
    const box = code.current?.parentElement;
    const line = running < 0 ? undefined : (code.current?.children[running] as HTMLElement | undefined);
    if (box && line) box.scrollTop = line.offsetTop - box.clientHeight / 2;
  }, [running, lines]);
  if (loaded === null) return <p className={style.empty}>Loading {file}.</p>;
  if (loaded.text === '') return <p className={style.empty}>The design {design} has no file of its own.</p>;
  return (
    <>
      <p className={style.says}>
        {place
          ? `The whole design, as it runs here. At this moment the core asks it about ${place.site}.`
          : 'The whole design, as it runs here. The line that runs is lit while you step through the events of an operation.'}
      </p>
      <ol ref={code} className={style.code} aria-label={`src/engine/designs/${file}`}>
        {lines.map((line, i) => (
          <li
            key={`${i}${line}`}
            data-running={i === running || undefined}
            aria-current={i === running ? 'step' : undefined}
          >
            <code>{line || ' '}</code>
          </li>
        ))}
      </ol>
    </>
  );
}
