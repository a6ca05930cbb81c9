import { lazy, Suspense } from 'react';
import { useSession } from './session';
import { useUi } from './ui';

const NoticeList = lazy(async () => ({ default: (await import('./NoticeList')).NoticeList }));

/** What the person should know, where there is anything to know. */
export function Notices() {
  const anything = useSession(
    ({ status }) => status.progress !== null || status.notices.length > 0 || status.state === 'ended',
  );
  const own = useUi((ui) => ui.notices.length > 0);
  return anything || own ? (
    <Suspense fallback={null}>
      <NoticeList />
    </Suspense>
  ) : null;
}
