import { useEffect, useState } from 'preact/hooks';
import type { Tokens } from '@veche/contracts';
import { Console } from '../live/console.ts';
import { dropSession, readSession } from '../live/vault.ts';
import { pinned } from '../live/link.ts';
import { ConsoleProvider } from '../parts/context.ts';
import { dispatch } from '../state/store.ts';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';

export function App() {
  const [tokens, setTokens] = useState<Tokens | null>(readSession);
  const [why, setWhy] = useState('');
  const [console, setConsole] = useState<Console | null>(null);

  useEffect(() => {
    if (!tokens) return undefined;
    const started = new Console(tokens, pinned(), () => {
      dropSession();
      setWhy('This sign-in has ended. Please sign in again.');
      setTokens(null);
    });
    setConsole(started);
    return () => {
      started.stop();
      setConsole(null);
      dispatch({ type: 'signed-out' });
    };
  }, [tokens]);

  if (!tokens) return <SignIn why={why} onSignedIn={setTokens} />;
  const leave = (): void => {
    console?.signOut();
    setWhy('');
    setTokens(null);
  };
  return console && <ConsoleProvider value={console}>{<Shell onLeave={leave} />}</ConsoleProvider>;
}
