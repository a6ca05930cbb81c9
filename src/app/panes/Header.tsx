import { CircleHelp, Library, Menu as MenuIcon, Presentation, Scale, Share2 } from 'lucide-react';
import { lazy, Suspense, useId, useState, type KeyboardEvent } from 'react';
import type { MenuItem } from '../parts/Menu';
import type { Anchor } from '../parts/anchor';
import button from '../parts/button.module.css';
import style from './header.module.css';

const Menu = lazy(async () => ({ default: (await import('../parts/Menu')).Menu }));

export interface DesignChoice {
  readonly name: string;
  /** In a sentence: how the core finds out. */
  readonly says: string;
}

const BOTH = 'side by side: the same scenario under both designs, step by step, and where they differ.';

/** The name of the scenario, the two designs and their comparison, whose rules, and what concerns the whole page. */
export function Header({
  title,
  statement,
  designs,
  design,
  comparing,
  rules,
  more,
  onDesign,
  onCompare,
  onRules,
  onLibrary,
  onArgument,
  onPresent,
  onShare,
  onKeys,
}: {
  title: string;
  /** The operation of the moment: for a room, which does not see the scenario. */
  statement: string;
  designs: readonly DesignChoice[];
  design: string;
  comparing: boolean;
  rules: string;
  /** What the menu at the left offers: open, save, theme … */
  more: readonly MenuItem[];
  onDesign: (name: string) => void;
  onCompare: (on: boolean) => void;
  onRules: (anchor: Anchor) => void;
  onLibrary: () => void;
  onArgument: () => void;
  onPresent: () => void;
  onShare: () => void;
  onKeys: () => void;
}) {
  const [menu, setMenu] = useState<Anchor | null>(null);
  const [told, setTold] = useState('');
  const question = useId();
  const tell = (says: string) => ({
    onPointerEnter: () => setTold(says),
    onPointerLeave: () => setTold(''),
    onFocus: () => setTold(says),
    onBlur: () => setTold(''),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') setTold('');
    },
  });
  return (
    <header className={style.header}>
      <button
        type="button"
        className={`${button.button} ${button.plain} ${button.icon}`}
        aria-label="Menu"
        aria-haspopup="menu"
        onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
      >
        <MenuIcon size="1.125em" aria-hidden />
      </button>
      <h1 className={style.name}>mmscope</h1>
      <p className={style.title}>{title}</p>
      <p className={style.statement} aria-hidden>
        {statement}
      </p>
      <div className={style.question}>
        <span id={question}>how does the kernel know?</span>
        <div className={button.segments} role="group" aria-labelledby={question}>
          {designs.map(({ name, says }) => (
            <button
              key={name}
              type="button"
              className={button.button}
              aria-pressed={!comparing && design === name}
              aria-describedby={`${question}-${name}`}
              {...tell(says)}
              onClick={() => onDesign(name)}
            >
              {name}
            </button>
          ))}
          <button
            type="button"
            className={button.button}
            aria-pressed={comparing}
            aria-describedby={`${question}-both`}
            {...tell(`${BOTH} (c)`)}
            onClick={() => onCompare(!comparing)}
          >
            side by side
          </button>
        </div>
        {[...designs, { name: 'both', says: BOTH }].map(({ name, says }) => (
          <span key={name} hidden id={`${question}-${name}`}>
            {says}
          </span>
        ))}
        {told ? (
          <p className={style.told} aria-hidden>
            {told}
          </p>
        ) : null}
      </div>
      <button
        type="button"
        className={`${button.button} ${style.rules}`}
        aria-haspopup="dialog"
        title="Whose rules the machine runs by"
        onClick={(event) => onRules(event.currentTarget.getBoundingClientRect())}
      >
        {rules} <span aria-hidden>▾</span>
      </button>
      <span className={style.space} />
      <button type="button" className={`${button.button} ${style.wideOnly}`} onClick={onLibrary}>
        <Library size="1em" aria-hidden /> Scenarios
      </button>
      <button type="button" className={`${button.button} ${style.wideOnly}`} onClick={onArgument}>
        <Scale size="1em" aria-hidden /> Argument
      </button>
      <button type="button" className={`${button.button} ${style.wideOnly}`} onClick={onPresent}>
        <Presentation size="1em" aria-hidden /> Present
      </button>
      <button type="button" className={`${button.button} ${style.wideOnly}`} onClick={onShare}>
        <Share2 size="1em" aria-hidden /> Share
      </button>
      <button
        type="button"
        className={`${button.button} ${button.icon} ${style.wideOnly}`}
        aria-label="Keys and help"
        onClick={onKeys}
      >
        <CircleHelp size="1.125em" aria-hidden />
      </button>
      {menu ? (
        <Suspense fallback={null}>
          <Menu anchor={menu} label="Menu" items={more} onClose={() => setMenu(null)} />
        </Suspense>
      ) : null}
    </header>
  );
}
