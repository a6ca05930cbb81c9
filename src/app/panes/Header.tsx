import { CircleHelp, Library, Menu as MenuIcon, Presentation, Scale, Share2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
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

/** The name of the scenario, the two designs and their comparison, whose rules, and what concerns the whole page. */
export function Header({
  title,
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
      <div className={`${button.segments} ${style.designs}`} role="group" aria-label="Design">
        {designs.map(({ name, says }) => (
          <button
            key={name}
            type="button"
            className={button.button}
            aria-pressed={!comparing && design === name}
            title={says}
            onClick={() => onDesign(name)}
          >
            {name}
          </button>
        ))}
        <button
          type="button"
          className={button.button}
          aria-pressed={comparing}
          title="The same scenario under both designs (c)"
          onClick={() => onCompare(!comparing)}
        >
          side by side
        </button>
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
