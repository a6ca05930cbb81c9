import { useEffect, useMemo, useState } from 'react';
import { CATALOGUE, DEFAULT_DESIGN } from '../catalogue';
import type { DesignName } from '../../engine/designs/designs';
import { KERNBENCH, KERNBENCH_SOURCE } from '../../history/kernbench';
import type { Ledger } from '../../history/ledger';
import { chartHeight, create as createChart } from '../../views/chart';
import button from '../parts/button.module.css';
import { PictureHost } from '../parts/PictureHost';
import { useActions, useSession } from '../session';
import { tell } from '../ui';
import { FIXED, KIND_NAMES, ledgerChart, ledgerText, measured, type Kind } from './ledger-table';
import style from './argument.module.css';

const DESIGNS = CATALOGUE.map((entry) => entry.design as DesignName);
const NOTHING_LIT = { hovered: new Set<string>(), selected: new Set<string>(), fellows: null };
const NO_HANDLERS = { point() {}, select() {}, menu() {}, toggle() {} };

/** What each design costs on this scenario, counted from a run of it; and what was measured in 2007. */
export function LedgerTab() {
  const text = useSession((state) => state.scenario.loaded?.text);
  return <LedgerOfText key={text} />;
}

function LedgerOfText() {
  const session = useActions();
  const design = useSession((state) => state.scenario.loaded?.design ?? DEFAULT_DESIGN).split('@')[0]!;
  const [ledger, setLedger] = useState<Ledger | null>(null);
  const [kind, setKind] = useState<Kind>('normal');
  useEffect(() => {
    let wanted = true;
    void session.ledger(DESIGNS).then((said) => {
      if (wanted) setLedger(said);
    });
    return () => {
      wanted = false;
    };
  }, [session]);
  const chart = useMemo(() => (ledger === null ? null : ledgerChart(ledger, kind, design)), [ledger, kind, design]);
  if (ledger === null || chart === null)
    return <p className={style.says}>The scenario runs once under each of the {DESIGNS.length} designs.</p>;
  const copy = () =>
    void navigator.clipboard.writeText(ledgerText(ledger)).then(
      () => tell('told', 'The ledger was copied, tabs between the figures.'),
      () => tell('trouble', 'The browser did not let the page copy.'),
    );
  return (
    <>
      <div className={style.row}>
        <div className={button.segments} role="group" aria-label="Mappings that are counted">
          {(Object.keys(KIND_NAMES) as Kind[]).map((name) => (
            <button
              key={name}
              type="button"
              className={button.button}
              aria-pressed={kind === name}
              onClick={() => setKind(name)}
            >
              {KIND_NAMES[name]}
            </button>
          ))}
        </div>
        <button type="button" className={button.button} onClick={copy}>
          Copy
        </button>
      </div>
      <section className={style.scroll} tabIndex={0} aria-label="Ledger">
        <table className={style.table}>
          <caption>
            Counted over {ledger.operations} operations of this scenario, on {KIND_NAMES[kind]}.
          </caption>
          <thead>
            <tr>
              <th scope="col">design</th>
              {[...measured(kind), ...FIXED].map((m) => (
                <th key={m.label} scope="col">
                  {m.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ledger.columns.map((column) => (
              <tr key={column.design} data-chosen={column.design === design || undefined}>
                <th scope="row">{column.design}</th>
                {[...measured(kind), ...FIXED].map((m) => (
                  <td key={m.label}>{m.of(column).toLocaleString('en')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div className={style.chart} style={{ height: `${chartHeight(chart) / 16}rem` }}>
        <PictureHost
          label={chart.title}
          make={createChart}
          picture={chart}
          lit={NOTHING_LIT}
          duration={0}
          handlers={NO_HANDLERS}
        />
      </div>
      <Kernbench />
    </>
  );
}

function Kernbench() {
  return (
    <section className={style.scroll} tabIndex={0} aria-label="Measurements of 2007">
      <table className={style.table}>
        <caption>
          Measured then: KernBench on 2.6.20 without and with the series, in seconds; positive differences are faster.{' '}
          {KERNBENCH_SOURCE}. Its author reads the differences as noise.
        </caption>
        <thead>
          <tr>
            <th scope="col">machine</th>
            <th scope="col" className={style.left}>
              metric
            </th>
            <th scope="col">clean</th>
            <th scope="col">ops</th>
            <th scope="col">difference</th>
          </tr>
        </thead>
        <tbody>
          {KERNBENCH.map(({ machine, metric, clean, ops, difference }) => (
            <tr key={machine + metric}>
              <th scope="row">{machine}</th>
              <td className={style.left}>{metric}</td>
              <td>{clean.toFixed(2)}</td>
              <td>{ops.toFixed(2)}</td>
              <td>{difference.toFixed(2)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
