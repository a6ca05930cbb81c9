import { Dialog } from '../parts/Dialog';

export function ShareDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Share" onClose={onClose}>
      <p>Links are being written.</p>
    </Dialog>
  );
}
