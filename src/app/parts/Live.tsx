import { useEffect, useState } from 'react';

/** Speaks each step once, when it has stood for a moment: a fast run is not read out step by step. */
export function Live({ text, settle = 150 }: { text: string; settle?: number }) {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(text), settle);
    return () => clearTimeout(timer);
  }, [text, settle]);
  return (
    <div className="unseen" role="status" aria-live="polite" aria-atomic="true" aria-label="What just happened">
      {spoken}
    </div>
  );
}
