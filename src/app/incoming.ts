/** What comes in from outside: files dropped or chosen, text pasted. All of it goes through the dialog that opens and imports. */
import { useEffect } from 'react';
import { useUi } from './ui';

export function receive(incoming: readonly (File | string)[]): void {
  const some = incoming.filter((one) => typeof one !== 'string' || one.trim() !== '');
  if (some.length > 0) useUi.getState().set({ incoming: some, dialog: 'open' });
}

/** Several lines pasted where no text field is are a scenario or a trace. */
export function usePaste(): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const [target] = event.composedPath();
      if (target instanceof Element && target.closest('input, textarea, [contenteditable], dialog')) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!text.trim().includes('\n')) return;
      event.preventDefault();
      receive([text]);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
