import type { KeyboardEvent } from 'react';
import { Dialog } from '../parts/Dialog';
import { ARGUMENT_TABS, useUi, type ArgumentTab } from '../ui';
import { BenchTab } from './BenchTab';
import { DesignsTab } from './DesignsTab';
import { DifferencesTab } from './DifferencesTab';
import { LedgerTab } from './LedgerTab';
import { TlbTab } from './TlbTab';
import style from './argument.module.css';

const NAMES: Readonly<Record<ArgumentTab, string>> = {
  designs: 'The designs',
  differences: 'Differences',
  ledger: 'The ledger',
  bench: 'The drivers’ bench',
  tlb: 'Translation cache',
};

/** The argument of 2007 about the scenario at hand: who proposed what, where runs differ, what it costs, whom it lets in. */
export function ArgumentDialog({ onClose }: { onClose: () => void }) {
  const tab = useUi((ui) => ui.argument);
  const set = useUi((ui) => ui.set);
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? ARGUMENT_TABS.length - 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (ARGUMENT_TABS.indexOf(tab) + step) % ARGUMENT_TABS.length;
    set({ argument: ARGUMENT_TABS[to] });
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    <Dialog title="The argument" onClose={onClose} wide>
      <div role="tablist" aria-label="Parts of the argument" className={style.tabs} onKeyDown={key}>
        {ARGUMENT_TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`argument-tab-${name}`}
            aria-selected={tab === name}
            aria-controls="argument-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => set({ argument: name })}
          >
            {NAMES[name]}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="argument-panel" aria-labelledby={`argument-tab-${tab}`} className={style.panel}>
        {tab === 'designs' ? (
          <DesignsTab onClose={onClose} />
        ) : tab === 'differences' ? (
          <DifferencesTab onClose={onClose} />
        ) : tab === 'ledger' ? (
          <LedgerTab />
        ) : tab === 'bench' ? (
          <BenchTab onClose={onClose} />
        ) : (
          <TlbTab />
        )}
      </div>
    </Dialog>
  );
}
