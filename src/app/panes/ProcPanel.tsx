import { Copy } from 'lucide-react';
import type { ProcFile, ProcPicture } from '../../history/picture';
import button from '../parts/button.module.css';
import style from './proc.module.css';

export const PROC_FILES: readonly ProcFile[] = ['maps', 'smaps', 'status', 'meminfo'];

/** What a line's mark is called where colour does not tell. */
const SIGNS = { same: ' ', new: '+', changed: '~', gone: '−' } as const;

/** `/proc` as Linux prints it, with the lines marked that changed in this step. */
export function ProcPanel({
  file,
  picture,
  pid,
  onFile,
  onCopy,
}: {
  file: ProcFile;
  picture: ProcPicture | undefined;
  /** As it stands in the path: `1`. */
  pid: string;
  onFile: (file: ProcFile) => void;
  onCopy: () => void;
}) {
  const path = file === 'meminfo' ? '/proc/meminfo' : `/proc/${pid}/${file}`;
  const shown = picture?.file === file ? picture : undefined;
  return (
    <div className={style.proc}>
      <div className={style.tools}>
        <div className={button.segments} role="group" aria-label="File of /proc">
          {PROC_FILES.map((name) => (
            <button
              key={name}
              type="button"
              className={`${button.button} ${button.mono}`}
              aria-pressed={name === file}
              onClick={() => onFile(name)}
            >
              {name}
            </button>
          ))}
        </div>
        <code className={style.path}>{path}</code>
        <button type="button" className={button.button} onClick={onCopy}>
          <Copy size="1em" aria-hidden /> Copy
        </button>
      </div>
      {shown ? (
        <div className={style.scroll} role="region" aria-label={path} tabIndex={0}>
          <pre className={style.text}>
            {shown.lines.map((line, i) => (
              <span key={`${i}${line.text}`} className={style.line} data-mark={line.mark}>
                <span aria-hidden className={style.sign}>
                  {SIGNS[line.mark]}
                </span>
                {line.text}
                {'\n'}
              </span>
            ))}
          </pre>
          {shown.left > 0 ? <p className={style.path}>and {shown.left} lines more (Copy takes them all)</p> : null}
        </div>
      ) : (
        <p className={style.path}>Reading {path}.</p>
      )}
    </div>
  );
}
