import { Component, type ReactNode } from 'react';
import button from './button.module.css';

/** A mistake of ours ends one part of the page, which says so; the others and the scenario go on. */
export class Guarded extends Component<
  { what: string; children: ReactNode; onClose?: () => void },
  { message: string | null }
> {
  override state: { message: string | null } = { message: null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return (
      <div role="alert" className={button.broken}>
        <p>
          {this.props.what} could not be shown: {message}. The scenario is safe.
        </p>
        <button
          type="button"
          className={button.button}
          onClick={() => {
            this.props.onClose?.();
            this.setState({ message: null });
          }}
        >
          {this.props.onClose ? 'Close' : 'Show it again'}
        </button>
      </div>
    );
  }
}
