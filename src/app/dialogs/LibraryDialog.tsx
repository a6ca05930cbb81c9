import { Dialog } from '../parts/Dialog';

export function LibraryDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Scenarios" onClose={onClose} wide>
      <p>The library is being written.</p>
    </Dialog>
  );
}
