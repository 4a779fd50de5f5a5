import { useEffect } from 'preact/hooks';
import type { State } from '../state/model.ts';
import { dispatch, useStore } from '../state/store.ts';

const SHOWN_MS = 6_000;
const toastOf = (state: State): State['toast'] => state.toast;

export function Toast() {
  const toast = useStore(toastOf);
  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => dispatch({ type: 'toast', text: '' }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast?.id]);
  return (
    <div class="toast" role="status">
      {toast && <p>{toast.text}</p>}
    </div>
  );
}
